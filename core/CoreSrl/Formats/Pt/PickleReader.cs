using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace CoreSrl.Formats.Pt;

/// <summary>
/// Reads the <c>data.pkl</c> of a state dict. A pickle is a program for a stack machine; this one knows the opcodes of
/// <see cref="PickleOpcode"/> and a handful of globals, builds plain values of <c>PickleValues.cs</c>, and refuses everything else
/// by name. Nothing that a pickle names is ever loaded or called.
/// </summary>
internal ref struct PickleReader
{
    private static readonly PickleGlobal OrderedDict = new("collections.OrderedDict");
    private static readonly PickleGlobal RebuildTensor = new("torch._utils._rebuild_tensor_v2");
    private static readonly PickleGlobal RebuildParameter = new("torch._utils._rebuild_parameter");
    private static readonly PickleGlobal[] Callables = [OrderedDict, RebuildTensor, RebuildParameter];
    private static readonly PickleTuple EmptyTuple = new([]);

    private readonly string _file;
    private readonly Stack<object?> _stack = new();
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<uint, object?> _memo = [];
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;
    private int _opcodeAt;

    private PickleReader(string file, ReadOnlySpan<byte> bytes)
    {
        _file = file;
        _bytes = bytes;
    }

    /// <summary>The value that the pickle describes.</summary>
    /// <exception cref="CheckpointFormatException">It is damaged, or holds something that a state dict has no use for.</exception>
    public static object? Read(string file, ReadOnlySpan<byte> bytes) => new PickleReader(file, bytes).Run();

    private object? Run()
    {
        if (Take(1)[0] != (byte)PickleOpcode.Proto || Take(1)[0] != 2)
            throw Refuse("it is not in pickle protocol 2, the one that torch.save uses by default");
        while (true)
        {
            _opcodeAt = _at;
            var opcode = (PickleOpcode)Take(1)[0];
            if (opcode == PickleOpcode.Stop)
                break;
            Execute(opcode);
        }

        return _stack.Count == 1 && _marks.Count == 0 && _at == _bytes.Length
            ? _stack.Pop()
            : throw Refuse("it stops before its end");
    }

    private void Execute(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark: _marks.Push(_stack.Count); break;
            case PickleOpcode.None: _stack.Push(null); break;
            case PickleOpcode.NewTrue: _stack.Push(true); break;
            case PickleOpcode.NewFalse: _stack.Push(false); break;
            case PickleOpcode.BinInt1: _stack.Push((long)Take(1)[0]); break;
            case PickleOpcode.BinInt2: _stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case PickleOpcode.BinInt: _stack.Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case PickleOpcode.Long1: _stack.Push(TakeLong()); break;
            case PickleOpcode.BinFloat: _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case PickleOpcode.BinUnicode: _stack.Push(TakeText()); break;
            case PickleOpcode.EmptyDict: _stack.Push(new PickleDict()); break;
            case PickleOpcode.EmptyList: _stack.Push(new PickleList()); break;
            case PickleOpcode.EmptyTuple: _stack.Push(EmptyTuple); break;
            case PickleOpcode.Tuple: _stack.Push(new PickleTuple(ImmutableCollectionsMarshal.AsImmutableArray(PopToMark()))); break;
            case PickleOpcode.Tuple1: PushTuple(1); break;
            case PickleOpcode.Tuple2: PushTuple(2); break;
            case PickleOpcode.Tuple3: PushTuple(3); break;
            case PickleOpcode.Append: Append(Pop()); break;
            case PickleOpcode.Appends: AppendItems(PopToMark()); break;
            case PickleOpcode.SetItem: SetItem(value: Pop(), key: Pop()); break;
            case PickleOpcode.SetItems: SetItems(PopToMark()); break;
            case PickleOpcode.BinPut: _memo[Take(1)[0]] = Peek(); break;
            case PickleOpcode.LongBinPut: _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
            case PickleOpcode.BinGet: _stack.Push(Recall(Take(1)[0])); break;
            case PickleOpcode.LongBinGet: _stack.Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case PickleOpcode.Global: _stack.Push(Resolve(TakeLine(), TakeLine())); break;
            case PickleOpcode.BinPersId: _stack.Push(ToStorage(Pop())); break;
            case PickleOpcode.Reduce: Reduce(); break;
            case PickleOpcode.Build: Build(); break;
            default: throw Refuse($"it holds the pickle opcode 0x{(byte)opcode:x2}, which no state dict needs");
        }
    }

    // ---- What the pickle may name and call.

    private readonly object Resolve(string module, string name)
    {
        var full = $"{module}.{name}";
        foreach (var known in Callables)
        {
            if (known.Name == full)
                return known;
        }

        return module == "torch" && PtStorageType.Parse(name) is { } type
            ? new PickleStorageType(type)
            : throw Refuse($"it refers to '{full}', which a state dict has no use for: loading it with pickle could run code");
    }

    private void Reduce()
    {
        var arguments = Pop() as PickleTuple;
        var callable = Pop() as PickleGlobal;
        _stack.Push((callable, arguments?.Items.ToArray()) switch
        {
            (_, null) or (null, _) => throw Refuse("it calls something that is no function"),
            var (called, items) when called == OrderedDict => items.Length == 0
                ? new PickleDict()
                : throw Refuse("it makes an OrderedDict in a way that torch.save does not"),
            var (called, items) when called == RebuildTensor => ToTensor(items),
            var (_, items) => items is [PickleTensor data, bool, PickleDict { Pairs.Count: 0 }]
                ? data
                : throw Refuse("a parameter has other arguments than torch.save gives it"),
        });
    }

    /// <summary>('storage', class, key, device, elements); the device does not matter here.</summary>
    private readonly PickleStorage ToStorage(object? id) =>
        id is PickleTuple { Items: ["storage", PickleStorageType type, string key, string, long and >= 0 and var count] }
            ? new PickleStorage(type.Type, key, count)
            : throw Refuse("a storage's persistent id is not the one that torch.save writes");

    /// <summary>_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, backward_hooks[, metadata])</summary>
    private readonly PickleTensor ToTensor(object?[] arguments)
    {
        if (arguments is not
            [
                PickleStorage storage, long and >= 0 and var offset, PickleTuple size, PickleTuple steps,
                bool, PickleDict { Pairs.Count: 0 }, .. var rest
            ])
        {
            throw Refuse("a tensor has other arguments than torch.save gives it");
        }

        // The metadata says that the elements are to be negated or conjugated.
        if (rest is not ([] or [null] or [PickleDict { Pairs.Count: 0 }]))
            throw Refuse("a tensor has metadata, which is not supported: save it with .resolve_neg().contiguous()");
        var shape = ToDimensions(size);
        var strides = ToDimensions(steps);
        if (shape.Length != strides.Length)
            throw Refuse($"a tensor has {shape.Length} dimensions and {strides.Length} strides");
        CheckInside(storage, offset, shape, strides);
        return new PickleTensor(storage, offset, shape, strides);
    }

    private readonly ImmutableArray<long> ToDimensions(PickleTuple tuple)
    {
        // As many as PyTorch's own operators allow.
        const int MaxDimensions = 64;
        if (tuple.Items.Length > MaxDimensions)
            throw Refuse($"a tensor has {tuple.Items.Length} dimensions; PyTorch allows {MaxDimensions}");
        return tuple.Numbers is { IsDefault: false } numbers
            ? numbers
            : throw Refuse("a tensor's shape or strides are not whole numbers from 0 on");
    }

    private readonly void CheckInside(PickleStorage storage, long offset, ImmutableArray<long> shape, ImmutableArray<long> strides)
    {
        var elements = (Int128)1;
        var last = (Int128)offset;
        if (shape.Contains(0))
            (elements, last) = (0, offset - 1);
        for (var i = 0; i < shape.Length && elements > 0 && elements <= storage.ElementCount && last < storage.ElementCount; i++)
        {
            elements *= shape[i];
            last += (Int128)(shape[i] - 1) * strides[i];
        }

        if (last >= storage.ElementCount)
            throw Refuse($"a tensor of shape [{string.Join(", ", shape)}] reaches beyond its storage of {storage.ElementCount} elements");
        // An expanded tensor repeats its elements; unfolding it could take any amount of memory.
        if (elements > storage.ElementCount)
        {
            throw Refuse(
                $"a tensor of shape [{string.Join(", ", shape)}] has more elements than its storage ({storage.ElementCount}): "
                + "save it with .contiguous()");
        }
    }

    /// <summary>Sets attributes. A module's state dict has one, <c>_metadata</c>, which holds no tensor: it is passed over.</summary>
    private void Build()
    {
        if (Pop() is not PickleDict || Peek() is not PickleDict)
            throw Refuse("it sets the attributes of something other than a dict");
    }

    private void Append(object? item) => PeekList().Add(item);

    private void AppendItems(object?[] items)
    {
        var list = PeekList();
        foreach (var item in items)
            list.Add(item);
    }

    private void SetItem(object? value, object? key) => PeekDict().Add(key, value);

    private void SetItems(object?[] items)
    {
        var dict = PeekDict();
        if (items.Length % 2 != 0)
            throw Refuse("it sets items of something that is no dict");
        for (var i = 0; i < items.Length; i += 2)
            dict.Add(items[i], items[i + 1]);
    }

    private readonly PickleList PeekList() => Peek() as PickleList ?? throw Refuse("it appends to something that is no list");

    private readonly PickleDict PeekDict() => Peek() as PickleDict ?? throw Refuse("it sets items of something that is no dict");

    // ---- The stack. Below a mark nothing can be reached before the mark is gone.

    private object? Pop()
    {
        Peek();
        return _stack.Pop();
    }

    private readonly object? Peek() =>
        _stack.Count > (_marks.Count == 0 ? 0 : _marks.Peek()) ? _stack.Peek() : throw Refuse("its stack is empty where a value is needed");

    private object?[] PopMany(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--)
            items[i] = Pop();
        return items;
    }

    private object?[] PopToMark()
    {
        if (!_marks.TryPop(out var mark))
            throw Refuse("a mark is missing");
        return PopMany(_stack.Count - mark);
    }

    private void PushTuple(int count) => _stack.Push(new PickleTuple(ImmutableCollectionsMarshal.AsImmutableArray(PopMany(count))));

    private readonly object? Recall(uint index) =>
        _memo.TryGetValue(index, out var value) ? value : throw Refuse($"it recalls value {index}, which it never memorized");

    // ---- The bytes.

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _bytes.Length - _at)
            throw Refuse("it ends in the middle");
        var taken = _bytes.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private long TakeLong()
    {
        var digits = Take(Take(1)[0]);
        if (digits.Length > sizeof(long))
            throw Refuse("it holds a number beyond 64 bits");
        var value = 0L;
        for (var i = 0; i < digits.Length; i++)
            value |= (long)digits[i] << (8 * i);
        var unused = 64 - (8 * digits.Length);
        return digits.IsEmpty ? 0 : value << unused >> unused;
    }

    private string TakeText()
    {
        var text = Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
        return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw Refuse("it holds a text that is not UTF-8");
    }

    private string TakeLine()
    {
        var length = _bytes[_at..].IndexOf((byte)'\n');
        var line = Take(length < 0 ? long.MaxValue : length + 1);
        return Encoding.Latin1.GetString(line[..^1]);
    }

    private readonly CheckpointFormatException Refuse(string problem) => new(
        _file,
        $"its data.pkl is refused at byte {_opcodeAt}: {problem}",
        "If you trust it, load it with PyTorch and save its state_dict() anew");
}
