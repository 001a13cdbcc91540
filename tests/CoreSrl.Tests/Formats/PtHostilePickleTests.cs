using CoreSrl.Formats;
using CoreSrl.Formats.Pt;

namespace CoreSrl.Tests.Formats;

/// <summary>Pickles that no torch.save writes, made opcode by opcode.</summary>
public sealed class PtHostilePickleTests
{
    [Theory]
    [InlineData(0, new long[] { 4, 6 }, new long[] { 6, 1 }, true)]
    [InlineData(1, new long[] { 4, 6 }, new long[] { 6, 1 }, false)]
    [InlineData(23, new long[0], new long[0], true)]
    [InlineData(24, new long[0], new long[0], false)]
    [InlineData(24, new long[] { 0 }, new long[] { 1 }, true)]
    [InlineData(0, new long[] { 2, 4 }, new long[] { 20, 1 }, true)]
    [InlineData(0, new long[] { 2, 5 }, new long[] { 20, 1 }, false)]
    [InlineData(0, new long[] { 25 }, new long[] { 0 }, false)]
    [InlineData(0, new[] { long.MaxValue, long.MaxValue, long.MaxValue }, new[] { long.MaxValue, long.MaxValue, long.MaxValue }, false)]
    [InlineData(0, new long[] { 1 }, new long[] { long.MaxValue }, true)]
    [InlineData(0, new long[] { 1, 2 }, new long[] { 1 }, false)]
    [InlineData(0, new long[] { -1 }, new long[] { 1 }, false)]
    [InlineData(-1, new long[] { 1 }, new long[] { 1 }, false)]
    [InlineData(0, new long[] { long.MaxValue, long.MaxValue, 0 }, new long[] { 1, 1, 1 }, false)]
    public async Task A_tensor_must_lie_inside_its_storage(long offset, long[] shape, long[] strides, bool isInside)
    {
        var bytes = Single(pickle => pickle.Tensor(24, offset, shape, strides));

        if (isInside)
            Assert.Equal(shape, (await Fixture.Open("x.pt", bytes))["t"].Info.Shape);
        else
            await AssertRefused(bytes, "tensor");
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_tensor_v2.x")]
    public async Task Any_unknown_global_is_refused_by_name_before_it_could_be_called(string module, string name) =>
        await AssertRefused(
            Single(pickle => pickle.Global(module, name)),
            $"it refers to '{module}.{name}'");

    [Theory]
    [InlineData((byte)'i')] // INST
    [InlineData((byte)'o')] // OBJ
    [InlineData(0x81)] // NEWOBJ
    [InlineData(0x82)] // EXT1
    [InlineData(0x93)] // STACK_GLOBAL
    [InlineData(0x97)] // NEXT_BUFFER
    public async Task Any_unknown_opcode_is_refused_by_number(byte opcode) =>
        await AssertRefused(new TestPickle().Op((PickleOpcode)opcode).ToFile(), $"at byte 2: it holds the pickle opcode 0x{opcode:x2}");

    [Fact]
    public async Task A_dict_that_holds_itself_is_refused() =>
        await AssertRefused(
            new TestPickle().Raw("}q\0K\u0001h\0s").ToFile(),
            "its containers are nested too deeply, or hold each other");

    [Fact]
    public async Task Tuples_that_double_at_each_level_are_refused_quickly()
    {
        var pickle = new TestPickle().Op(PickleOpcode.EmptyDict).Text("a").Op(PickleOpcode.EmptyList);
        for (byte level = 0; level < 60; level++)
            pickle.Op(PickleOpcode.BinPut, level).Op(PickleOpcode.BinGet, level).Op(PickleOpcode.Tuple2);

        await AssertRefused(pickle.Op(PickleOpcode.SetItem).ToFile(), "its containers are nested too deeply, or hold each other");
    }

    [Fact]
    public async Task One_long_name_before_many_tensors_is_refused()
    {
        var pickle = new TestPickle().Op(PickleOpcode.EmptyDict).Text(new string('n', 10_000)).Op(PickleOpcode.EmptyDict);
        pickle.Text("first").Tensor(24, 0, [24], [1]).Op(PickleOpcode.BinPut, 0).Op(PickleOpcode.SetItem);
        for (var i = 0; i < 5_000; i++)
            pickle.Op(PickleOpcode.BinInt2, (byte)i, (byte)(i >> 8)).Op(PickleOpcode.BinGet, 0).Op(PickleOpcode.SetItem);

        await AssertRefused(pickle.Op(PickleOpcode.SetItem).ToFile(), "the names of its tensors are too long");
    }

    [Fact]
    public async Task Two_tensors_of_one_path_are_refused()
    {
        var pickle = new TestPickle().Op(PickleOpcode.EmptyDict).Op(PickleOpcode.Mark);
        pickle.Text("1").Tensor(24, 0, [24], [1]).Op(PickleOpcode.BinInt1, 1).Tensor(24, 0, [24], [1]).Op(PickleOpcode.SetItems);

        await AssertRefused(pickle.ToFile(), "there is a second tensor '1'");
    }

    [Fact]
    public async Task What_is_not_a_dict_of_tensors_is_refused()
    {
        await AssertRefused(new TestPickle().Tensor(24, 0, [24], [1]).ToFile(), "it does not hold a dict of tensors");
        await AssertRefused(
            Single(pickle => pickle.Global("torch", "FloatStorage")),
            "it holds a class or a bare storage where a tensor should be");
        await AssertRefused(
            new TestPickle().Raw("}NNs").ToFile(),
            "a dict has a key that is neither text nor a whole number");
    }

    [Theory]
    [InlineData("t", "a mark is missing")]
    [InlineData("R", "its stack is empty where a value is needed")]
    [InlineData("}(NNs", "its stack is empty where a value is needed")]
    [InlineData("h\u0005", "it recalls value 5, which it never memorized")]
    [InlineData("}Nb", "it sets the attributes of something other than a dict")]
    [InlineData("NNa", "it appends to something that is no list")]
    [InlineData("NNNs", "it sets items of something that is no dict")]
    [InlineData("}(Nu", "it sets items of something that is no dict")]
    [InlineData("NNR", "it calls something that is no function")]
    [InlineData("ccollections\nOrderedDict\nN\u0085R", "it makes an OrderedDict in a way that torch.save does not")]
    [InlineData("ctorch._utils\n_rebuild_parameter\nN\u0085R", "a parameter has other arguments than torch.save gives it")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\nN\u0085R", "a tensor has other arguments than torch.save gives it")]
    [InlineData("NQ", "a storage's persistent id is not the one that torch.save writes")]
    [InlineData("X\u0001\0\0\0\u00ff", "it holds a text that is not UTF-8")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff", "it ends in the middle")]
    [InlineData("cos", "it ends in the middle")]
    [InlineData("\u008a\u00091234567890", "it holds a number beyond 64 bits")]
    [InlineData("}(", "it stops before its end")]
    [InlineData("}}", "it stops before its end")]
    [InlineData("}.", "it stops before its end")]
    public async Task A_pickle_that_misuses_its_stack_or_ends_early_is_refused(string opcodes, string reason) =>
        await AssertRefused(new TestPickle().Raw(opcodes).ToFile(), reason);

    [Fact]
    public async Task Another_protocol_than_2_is_refused() =>
        await AssertRefused(
            new TestPickle(protocol: 4).Raw("}").ToFile(), "it is not in pickle protocol 2, the one that torch.save uses by default");

    [Fact]
    public async Task More_dimensions_than_PyTorch_allows_are_refused() =>
        await AssertRefused(
            Single(pickle => pickle.Tensor(24, 0, [.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)])),
            "a tensor has 65 dimensions; PyTorch allows 64");

    /// <summary>A dict with one entry, t.</summary>
    private static byte[] Single(Action<TestPickle> value)
    {
        var pickle = new TestPickle().Op(PickleOpcode.EmptyDict).Text("t");
        value(pickle);
        return pickle.Op(PickleOpcode.SetItem).ToFile();
    }

    private static async Task AssertRefused(byte[] file, string reason)
    {
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open("x.pt", file).AsTask());
        Assert.Contains(reason, error.Message);
    }
}
