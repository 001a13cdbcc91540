using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Pt;

/// <summary>
/// Writes the <c>data.pkl</c> of a state dict: an OrderedDict from names to tensors, in the opcodes of pickle protocol 2 that
/// <c>torch.load(weights_only=True)</c> allows (torch/_weights_only_unpickler.py). Each tensor stands for itself: without
/// pickle's memo a file is a little longer, and every entry reads the same.
/// </summary>
internal sealed class StateDictPickle
{
    /// <summary>
    /// The longest pickle that is read, in bytes. About 150 bytes and its name describe a tensor, so there is room for some 70,000;
    /// a hostile pickle unfolds to about forty times its own size in memory.
    /// </summary>
    public const int MaxLength = 16 << 20;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>The pickle of these tensors; the elements of the n-th lie in the storage called n.</summary>
    public static ReadOnlyMemory<byte> Write(IReadOnlyList<TensorInfo> tensors)
    {
        var pickle = new StateDictPickle();
        pickle.Add(PickleOpcode.Proto, 2);
        pickle.AddEmptyOrderedDict();
        if (tensors.Count > 0)
        {
            pickle.Add(PickleOpcode.Mark);
            for (var i = 0; i < tensors.Count; i++)
                pickle.AddEntry(tensors[i], i.ToString());
            pickle.Add(PickleOpcode.SetItems);
        }

        pickle.Add(PickleOpcode.Stop);
        return pickle._bytes.WrittenCount <= MaxLength
            ? pickle._bytes.WrittenMemory
            : throw new ArgumentException(
                $"The table of {tensors.Count} tensors takes {pickle._bytes.WrittenCount} bytes; no more than {MaxLength} are read.");
    }

    /// <summary>name, _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, backward_hooks)</summary>
    private void AddEntry(TensorInfo tensor, string storage)
    {
        AddText(tensor.Name);
        AddGlobal("torch._utils", "_rebuild_tensor_v2");
        Add(PickleOpcode.Mark);
        AddStorage(tensor, storage);
        AddNumber(0);
        AddNumbers(tensor.Shape.AsSpan());
        AddNumbers(StoredTensor.RowMajorStrides(tensor).AsSpan());
        Add(PickleOpcode.NewFalse);
        AddEmptyOrderedDict();
        Add(PickleOpcode.Tuple);
        Add(PickleOpcode.Reduce);
    }

    /// <summary>The persistent id by which torch.load finds a storage: ('storage', class, key, device, elements).</summary>
    private void AddStorage(TensorInfo tensor, string storage)
    {
        Add(PickleOpcode.Mark);
        AddText("storage");
        AddGlobal("torch", PtStorageType.NameOf(tensor.Type));
        AddText(storage);
        AddText("cpu");
        AddNumber(tensor.ElementCount);
        Add(PickleOpcode.Tuple);
        Add(PickleOpcode.BinPersId);
    }

    private void AddEmptyOrderedDict()
    {
        AddGlobal("collections", "OrderedDict");
        Add(PickleOpcode.EmptyTuple);
        Add(PickleOpcode.Reduce);
    }

    private void AddNumbers(ReadOnlySpan<long> numbers)
    {
        Add(PickleOpcode.Mark);
        foreach (var number in numbers)
            AddNumber(number);
        Add(PickleOpcode.Tuple);
    }

    private void AddNumber(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        if (number is >= 0 and <= byte.MaxValue)
        {
            Add(PickleOpcode.BinInt1);
            _bytes.Write(bytes[..1]);
        }
        else if (number is >= int.MinValue and <= int.MaxValue)
        {
            Add(PickleOpcode.BinInt);
            _bytes.Write(bytes[..sizeof(int)]);
        }
        else
        {
            Add(PickleOpcode.Long1, sizeof(long));
            _bytes.Write(bytes);
        }
    }

    private void AddText(string text)
    {
        Add(PickleOpcode.BinUnicode);
        Span<byte> length = stackalloc byte[sizeof(int)];
        var utf8 = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        _bytes.Write(length);
        _bytes.Write(utf8);
    }

    private void AddGlobal(string module, string name)
    {
        Add(PickleOpcode.Global);
        _bytes.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private void Add(PickleOpcode opcode) => _bytes.Write([(byte)opcode]);

    private void Add(PickleOpcode opcode, byte argument) => _bytes.Write([(byte)opcode, argument]);
}
