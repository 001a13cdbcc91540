using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>For each rule a backend whose models break just it, as real ones might.</summary>
internal static class BrokenBackends
{
    public static IReadOnlyDictionary<string, Func<IModelBackend>> ByRule { get; } = new Dictionary<string, Func<IModelBackend>>
    {
        ["same-context-same-bits"] = Of(context => new RandomStart(context)),
        ["description-is-plain"] = Of(context => new NestedDescription(context)),
        ["description-is-constant"] = Of(context => new DescribesItsSteps(context)),
        ["tensors-have-names"] = Of(context => new SameNameTwice(context)),
        ["table-is-constant"] = Of(context => new OtherOrderOnceLearned(context)),
        ["answers-in-order"] = Of(context => new Shouts(context)),
        ["any-number-of-requests"] = Of(context => new FirstHundred(context)),
        ["answers-are-whole"] = Of(context => new PlainProbabilities(context)),
        ["acting-is-deterministic"] = Of(context => new NoisyEntropy(context)),
        ["seeds-are-of-one-answer"] = Of(context => new OneSeedForAll(context)),
        ["acting-changes-nothing"] = Of(context => new LeavesTraces(context)),
        ["any-prompt-is-read"] = Of(context => new FirstCharacter(context)),
        ["any-choices-are-taken"] = Of(context => new NothingToChoose(context)),
        ["learning-changes-something"] = Of(context => new LearnsInACopy(context)),
        ["frozen-stays-frozen"] = Of(context => new CountsInFrozen(context)),
        ["learning-is-deterministic"] = Of(context => new NoisyReport(context)),
        ["reports-are-finite"] = Of(context => new ClippedInPercent(context)),
        ["weights-stay-finite"] = Of(context => new DividesBySpread(context)),
        ["any-batch-is-learned-from"] = Of(context => new NeedsTwo(context)),
        ["restored-bits"] = Of(context => new ForgetsACounter(context)),
        ["restored-answers"] = Of(context => new CachesAnswers(context)),
        ["restored-learning"] = Of(context => new OptimizerCreatedWhenNeeded(context)),
        ["restored-after-going-on"] = Of(context => new NeverGoesBack(context)),
        ["capturing-changes-nothing"] = Of(context => new RoundsAtCapture(context)),
        ["state-is-json"] = Of(context => new HandsOutItsState(context)),
        ["strange-states-are-refused"] = Of(context => new Unchecked(context)),
        ["any-range-is-read"] = Of(context => new OtherWindows(context, tensor => new ReadsWholeElements(tensor))),
        ["any-range-is-written"] = Of(context => new OtherWindows(context, tensor => new WritesWholeElements(tensor))),
        ["ranges-end-with-the-tensor"] = Of(context => new OtherWindows(context, tensor => new ReadsWhatThereIs(tensor))),
        ["memory-is-the-tensor"] = Of(context => new OtherWindows(context, tensor => new GivesItAll(tensor))),
        ["models-share-nothing"] = SharedTable.Backend,
        ["models-at-once"] = Of(context => new StaticScratch(context)),
        ["disposing-of-one-leaves-the-others"] = SharedHandle.Backend,
        ["disposed-of-twice"] = Of(context => new DisposedOnce(context)),
        ["cancelled-is-told-so"] = Of(context => new WrapsCancellation(context)),
        ["steps-leave-nothing"] = Of(context => new LeaksPerStep(context)),
        ["models-leave-nothing"] = Of(context => new LeaksPerModel(context)),
        ["parameters-are-tensors"] = Of(context => new CopiedParameters(context)),
        ["gradients-fit-parameters"] = Of(context => new GradientsBackwards(context)),
        ["computing-changes-no-tensor"] = Of(context => new CountsComputing(context)),
        ["gradients-are-replaced"] = Of(context => new AddsGradients(context)),
        ["applying-takes-the-gradients"] = Of(context => new AppliesItsOwn(context)),
        ["norm-before-clipping"] = Of(context => new ClippedNorm(context)),
        ["chats-alike"] = Of(context => new SignsItsAnswers(context)),
        ["chats-have-one-end"] = Of(context => new EndsAlways(context)),
        ["chats-change-nothing"] = Of(context => new CountsItsWords(context)),
        ["chats-can-be-left"] = Of(context => new GoesOnWhereItWas(context)),
        ["learning-is-its-passes"] = Of(context => new OnePass(context)),
    }
    .Concat(BrokenMemories.ByRule.Select(memory => KeyValuePair.Create($"backend-{memory.Key}", (Func<IModelBackend>)(() => new CountingBackend(memory.Value())))))
    .ToDictionary();

    /// <summary>More of them, of rules that several kinds of mistake break.</summary>
    public static IEnumerable<(string Rule, Func<IModelBackend> Create)> Others { get; } =
    [
        ("answers-in-order", Of(context => new LastBatchFirst(context))),
        ("disposed-of-twice", CountedHandle.Backend),
    ];

    private static Func<IModelBackend> Of(Func<ModelContext, IModel> create) => () => new TableBackend(create);
}
