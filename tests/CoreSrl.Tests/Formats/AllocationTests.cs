using System.Text;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;

namespace CoreSrl.Tests.Formats;

/// <summary>Files made to unfold to far more than their own size; none may cost more than a small multiple of it.</summary>
public sealed class AllocationTests
{
    private const int Size = 256 << 10;

    [Theory]
    [InlineData("}", "")]
    [InlineData("]", "")]
    [InlineData("N", "")]
    [InlineData("(", "")]
    [InlineData("(t", "")]
    [InlineData("K\u0001", "")]
    [InlineData(")", "\u0085")]
    [InlineData("]", "Na")]
    [InlineData("]Na", "")]
    [InlineData("}NNs", "")]
    [InlineData("X\0\0\0\0", "")]
    [InlineData("cos\n\n", "")]
    [InlineData("ctorch\nFloatStorage\n", "")]
    [InlineData("ccollections\nOrderedDict\n)R", "")]
    public void A_pickle_of_one_thing_over_and_over(string once, string repeated)
    {
        var pickle = new TestPickle();
        var body = new StringBuilder();
        if (repeated.Length > 0)
            body.Append(once);
        while (body.Length < Size)
            body.Append(repeated.Length > 0 ? repeated : once);

        Open("x.pt", pickle.Raw(body.ToString()).ToFile());
    }

    /// <summary>Everything that can be shared is: the storage's id with its key, the shape of 64 dimensions, the hooks.</summary>
    [Fact]
    public void A_pickle_of_tensors_that_share_all_they_have()
    {
        var ones = Enumerable.Repeat(1L, 64).ToArray();
        var pickle = new TestPickle().Op(PickleOpcode.EmptyDict).Text("t").Op(PickleOpcode.EmptyList).Op(PickleOpcode.Mark);
        pickle.Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.BinPut, 0).Op(PickleOpcode.Mark);
        pickle.Op(PickleOpcode.Mark).Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Number(24).Op(PickleOpcode.Tuple);
        pickle.Op(PickleOpcode.BinPut, 1).Op(PickleOpcode.BinPersId).Number(0).Numbers(ones).Op(PickleOpcode.BinPut, 2);
        pickle.Op(PickleOpcode.BinGet, 2).Op(PickleOpcode.NewFalse).Op(PickleOpcode.EmptyDict).Op(PickleOpcode.BinPut, 3);
        pickle.Op(PickleOpcode.Tuple).Op(PickleOpcode.Reduce);
        for (var i = 0; i < Size / 20; i++)
            pickle.Raw("h\0(h\u0001QK\0h\u0002h\u0002\u0089h\u0003tR");
        pickle.Op(PickleOpcode.Appends).Op(PickleOpcode.SetItem);

        Assert.Equal((Size / 20) + 1, Open("x.pt", pickle.ToFile())?.Tensors.Length);
    }

    /// <summary>The name of the entry that holds a storage is made of its key.</summary>
    [Fact]
    public void A_pickle_of_storages_that_share_one_long_key()
    {
        var key = new string('k', 60_000);
        var pickle = new TestPickle().Op(PickleOpcode.EmptyDict).Text("t").Op(PickleOpcode.EmptyList).Op(PickleOpcode.Mark);
        pickle.Text(key).Op(PickleOpcode.BinPut, 0).Op(PickleOpcode.Tuple).Op(PickleOpcode.Append).Op(PickleOpcode.Mark);
        for (var i = 0; i < 1000; i++)
            pickle.Tensor(24, 0, [24], [1], p => p.Op(PickleOpcode.BinGet, 0));
        pickle.Op(PickleOpcode.Appends).Op(PickleOpcode.SetItem);

        Assert.Equal(1000, Open("x.pt", pickle.ToFile(storage: key))?.Tensors.Length);
    }

    [Theory]
    [InlineData("""{"a":""", "[", "")]
    [InlineData("""{"a":{"x":""", "[", "")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,0],"shape":[0""", ",1", "]}}")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,0],"shape":[0""", ",9", "]}}")]
    [InlineData("""{"a":{"shape":[""", "9", "]}}")]
    [InlineData("""{"a":{"x":""", "9", "}}")]
    [InlineData("""{"__metadata__":{"a":"b" """, ""","#":"" """, "}}")]
    [InlineData("{", "\"#\":{},", "}")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}""", ""","#":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}""", "}")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}""", ""","#":{"data_offsets":[0,0],"dtype":"\u00558","shape":[0]}""", "}")]
    [InlineData("{\"", "\\u0061", "\":1}")]
    [InlineData("{", "\"\":1,", "}")]
    public void A_safetensors_header_of_one_thing_over_and_over(string start, string repeated, string end) =>
        Open("x.safetensors", Safetensors(Text(start, repeated, end)));

    [Theory]
    [InlineData("""{"x":""", "[", "")]
    [InlineData("""{"x":[0""", ",[]", "]}")]
    [InlineData("""{"x":{"a":0""", ""","#":{}""", "}}")]
    [InlineData("""{"r":""", "9", "}")]
    [InlineData("""{"r":1.""", "0", "1}")]
    [InlineData("{\"a\":0", ",\"#\":0", "}")]
    [InlineData("{\"a\":0", ",\"a\":0", "}")]
    [InlineData("""{"peft_type":"LORA","r":2,"lora_alpha":8,"target_modules":["q_proj","v_proj" """, ",\"#\"", "]}")]
    [InlineData("""{"peft_type":"LORA","r":2,"lora_alpha":8,"target_modules":["q_proj","v_proj"],"modules_to_save":["#" """, ",\"#\"", "]}")]
    [InlineData("""{"peft_type":"LORA","r":2,"lora_alpha":8,"target_modules":["q_proj","v_proj"],"rank_pattern":{"a":1""", ",\"#\":1", "}}")]
    [InlineData("""{"peft_type":"LORA","r":2,"lora_alpha":8,"target_modules":["q_proj","v_proj"],"alpha_pattern":{"a":1""", ",\"#*\":1", "}}")]
    [InlineData("""{"peft_type":"LORA","r":2,"lora_alpha":8,"target_modules":"q_proj""", "()", "\"}")]
    public void An_adapter_config_of_one_thing_over_and_over(string start, string repeated, string end)
    {
        var config = Encoding.UTF8.GetBytes(Text(start, repeated, end));

        Hostile.Open("adapter", config.Length, Hostile.PerByteOfJson, new TestAdapter().WithFile("adapter_config.json", config).Open);
    }

    private static TensorFile? Open(string name, byte[] bytes) =>
        Hostile.Open(
            $"{name}: ",
            bytes.Length,
            name == "x.pt" ? Hostile.PerByteOfPickle : Hostile.PerByteOfJson,
            () => Fixture.Open(new BoundedSource(name, bytes)));

    private static byte[] Safetensors(string header)
    {
        var json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json];
    }

    /// <summary>A little less than the size; each # is another number.</summary>
    private static string Text(string start, string repeated, string end)
    {
        var text = new StringBuilder(start);
        for (var i = 0; text.Length < Size - 100; i++)
            text.Append(repeated.Replace("#", i.ToString(), StringComparison.Ordinal));
        return text.Append(end).ToString();
    }
}
