using System.Runtime.InteropServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What <see cref="IGradientModel"/> promises besides; other models keep these rules.</summary>
internal static class GradientRules
{
    private static readonly LearningSettings Settings = new() { LearningRate = 0.01 };

    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("parameters-are-tensors", "The parameters are among the tensors, and what is written into them is there.", ParametersAreTensorsAsync),
        new("gradients-fit-parameters", "There is a gradient of float32 for each parameter, in their order and shapes.", GradientsFitAsync),
        new("computing-changes-no-tensor", "Computing gradients changes no tensor and no state.", ComputingChangesNothingAsync),
        new("gradients-are-replaced", "Computed gradients replace earlier ones.", AreReplacedAsync),
        new("applying-takes-the-gradients", "An optimizer step follows from the gradients as they are, whoever wrote them.", ApplyingTakesTheGradientsAsync),
        new("norm-before-clipping", "The norm that a step reports is that of the gradients before they are clipped.", NormBeforeClippingAsync),
        new("learning-is-its-passes", "Learning alone is computing and applying gradients, pass by pass.", LearningIsItsPassesAsync),
    ];

    private static async Task ParametersAreTensorsAsync(BackendTrial trial)
    {
        if (await TwinsAsync(trial).ConfigureAwait(false) is not var (model, _))
            return;
        await trial.TrainAsync(model).ConfigureAwait(false);
        var tensors = model.Tensors.ToLookup(tensor => (tensor.Part, tensor.Info));
        foreach (var parameter in model.Parameters)
        {
            var same = tensors[(parameter.Part, parameter.Info)].FirstOrDefault();
            trial.Expect(same is not null, $"{parameter.Part} {parameter.Info} to be among the tensors", "it is not");
            trial.Expect(
                parameter.Part is TensorPart.Weights or TensorPart.Adapter,
                $"{parameter.Info} to belong to what training changes", $"it is of {parameter.Part}");
            trial.ExpectSame(ModelBits.Digest(parameter), ModelBits.Digest(same!), $"the digest of {parameter.Info} among the tensors");
            parameter.CopyFrom(0, new byte[parameter.Info.ByteLength]);
            trial.Expect(
                ModelBits.Pieces(same!).All(piece => !piece.AsSpan().ContainsAnyExcept((byte)0)),
                $"the zeros that were written into {parameter.Info} to be among the tensors", "there is something else");
        }
    }

    private static async Task GradientsFitAsync(BackendTrial trial)
    {
        if (await TwinsAsync(trial).ConfigureAwait(false) is not var (model, _))
            return;
        trial.ExpectList(
            [.. model.Parameters.Select(parameter => Shape(parameter.Info))],
            [.. model.Gradients.Select(gradient => Shape(gradient.Info))], "the shapes of the gradients");
        var other = model.Gradients.FirstOrDefault(gradient => gradient.Info.Type != TensorType.Float32);
        trial.Expect(other is null, "gradients of float32", $"there is {other?.Info}");

        static string Shape(TensorInfo info) => $"[{string.Join(", ", info.Shape)}]";
    }

    private static async Task ComputingChangesNothingAsync(BackendTrial trial)
    {
        if (await TwinsAsync(trial).ConfigureAwait(false) is not var (model, _))
            return;
        await trial.TrainAsync(model).ConfigureAwait(false);
        var batch = await trial.PlayAsync(model).ConfigureAwait(false);
        var before = ModelBits.Of(model);
        await model.ComputeGradientsAsync(batch, 0, default).ConfigureAwait(false);
        trial.ExpectBits(before, ModelBits.Of(model), "a model that has computed gradients");
    }

    private static async Task AreReplacedAsync(BackendTrial trial)
    {
        if (await TwinsAsync(trial).ConfigureAwait(false) is not var (model, twin))
            return;
        var (earlier, batch) = (await trial.PlayAsync(model).ConfigureAwait(false), await trial.PlayAsync(model).ConfigureAwait(false));
        await model.ComputeGradientsAsync(earlier, 0, default).ConfigureAwait(false);
        await model.ComputeGradientsAsync(batch, 0, default).ConfigureAwait(false);
        await twin.ComputeGradientsAsync(batch, 0, default).ConfigureAwait(false);
        trial.ExpectList([.. twin.Gradients.Select(ModelBits.Digest)], [.. model.Gradients.Select(ModelBits.Digest)], "the gradients of a batch after those of another");
    }

    private static async Task ApplyingTakesTheGradientsAsync(BackendTrial trial)
    {
        if (await TwinsAsync(trial).ConfigureAwait(false) is not var (model, twin))
            return;
        await model.ComputeGradientsAsync(await trial.PlayAsync(model).ConfigureAwait(false), 0, default).ConfigureAwait(false);
        await twin.ComputeGradientsAsync(await trial.PlayAsync(model).ConfigureAwait(false), 0, default).ConfigureAwait(false);
        foreach (var (mine, others) in model.Gradients.Zip(twin.Gradients))
        {
            var mean = FloatingPoint.Floats(mine).Zip(FloatingPoint.Floats(others), (a, b) => (a + b) / 2).ToArray();
            mine.CopyFrom(0, MemoryMarshal.AsBytes(mean.AsSpan()));
            others.CopyFrom(0, MemoryMarshal.AsBytes(mean.AsSpan()));
        }

        await model.ApplyGradientsAsync(Settings, default).ConfigureAwait(false);
        await twin.ApplyGradientsAsync(Settings, default).ConfigureAwait(false);
        trial.ExpectBits(ModelBits.Of(model), ModelBits.Of(twin), "a model that took the same mean of gradients");
    }

    private static async Task NormBeforeClippingAsync(BackendTrial trial)
    {
        foreach (var limit in new[] { 1e-6, 1e6 })
        {
            if (await TwinsAsync(trial).ConfigureAwait(false) is not var (model, _))
                return;
            await model.ComputeGradientsAsync(await trial.PlayAsync(model).ConfigureAwait(false), 0, default).ConfigureAwait(false);
            var expected = Math.Sqrt(model.Gradients.SelectMany(FloatingPoint.Floats).Sum(slope => (double)slope * slope));
            var norm = await model.ApplyGradientsAsync(Settings with { MaxGradientNorm = limit }, default).ConfigureAwait(false);
            trial.Expect(Math.Abs(norm - expected) <= 1e-3 * expected, $"a norm of {expected:G6} with the limit {limit}", $"it was {norm:G6}");
        }
    }

    private static async Task LearningIsItsPassesAsync(BackendTrial trial)
    {
        if (await TwinsAsync(trial).ConfigureAwait(false) is not var (model, twin))
            return;
        var batch = await trial.PlayAsync(model, settings: Settings with { Passes = 3 }).ConfigureAwait(false);
        for (var pass = 0; pass < batch.Settings.Passes; pass++)
        {
            await twin.ComputeGradientsAsync(batch, pass, default).ConfigureAwait(false);
            await twin.ApplyGradientsAsync(batch.Settings, default).ConfigureAwait(false);
        }

        await ((IModel)model).LearnAsync(batch, default).ConfigureAwait(false);
        trial.ExpectBits(ModelBits.Of(twin), ModelBits.Of(model), "a model that learned alone");
    }

    private static async Task<(IGradientModel One, IGradientModel Two)?> TwinsAsync(BackendTrial trial)
    {
        var (one, two) = await trial.TwinsAsync().ConfigureAwait(false);
        return one is IGradientModel mine && two is IGradientModel others && one.Description.Trainable ? (mine, others) : null;
    }
}
