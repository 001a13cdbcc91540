using System.Buffers;
using System.Text;
using CoreSrl.Formats.Pt;

namespace CoreSrl.Tests.Formats;

/// <summary>Writes .pt files with any pickle in them, opcode by opcode.</summary>
internal sealed class TestPickle(byte protocol = 2)
{
    private readonly List<byte> _bytes = [(byte)PickleOpcode.Proto, protocol];

    /// <summary>Opcodes and their arguments, a character each.</summary>
    public TestPickle Raw(string bytes)
    {
        _bytes.AddRange(Encoding.Latin1.GetBytes(bytes));
        return this;
    }

    public TestPickle Op(PickleOpcode opcode, params byte[] argument)
    {
        _bytes.Add((byte)opcode);
        _bytes.AddRange(argument);
        return this;
    }

    public TestPickle Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Op(PickleOpcode.BinUnicode, [.. BitConverter.GetBytes(utf8.Length), .. utf8]);
    }

    public TestPickle Number(long number) => Op(PickleOpcode.Long1, [8, .. BitConverter.GetBytes(number)]);

    public TestPickle Numbers(params long[] numbers)
    {
        Op(PickleOpcode.Mark);
        foreach (var number in numbers)
            Number(number);
        return Op(PickleOpcode.Tuple);
    }

    public TestPickle Global(string module, string name) => Op(PickleOpcode.Global, Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    /// <summary>A float32 tensor on storage 0, or on the one whose key the given opcodes leave on the stack.</summary>
    public TestPickle Tensor(long elements, long offset, long[] shape, long[] strides, Action<TestPickle>? key = null)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.Mark);
        Op(PickleOpcode.Mark).Text("storage").Global("torch", "FloatStorage");
        (key ?? (pickle => pickle.Text("0")))(this);
        Text("cpu").Number(elements).Op(PickleOpcode.Tuple);
        Op(PickleOpcode.BinPersId).Number(offset).Numbers(shape).Numbers(strides).Op(PickleOpcode.NewFalse);
        Global("collections", "OrderedDict").Op(PickleOpcode.EmptyTuple).Op(PickleOpcode.Reduce);
        return Op(PickleOpcode.Tuple).Op(PickleOpcode.Reduce);
    }

    /// <summary>The file; its storage has 24 float32, 0 to 23.</summary>
    public byte[] ToFile(string version = "3\n", string? byteOrder = null, string storage = "0")
    {
        Op(PickleOpcode.Stop);
        var zip = new StoredZipLayout();
        zip.Add("x/data.pkl", _bytes.ToArray());
        if (byteOrder is not null)
            zip.Add("x/byteorder", Encoding.ASCII.GetBytes(byteOrder));
        zip.Add($"x/data/{storage}", Enumerable.Range(0, 24).SelectMany(i => BitConverter.GetBytes((float)i)).ToArray());
        zip.Add("x/version", Encoding.ASCII.GetBytes(version));
        return zip.Build().Single().ToArray();
    }
}
