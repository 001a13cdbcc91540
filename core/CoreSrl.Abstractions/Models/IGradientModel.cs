namespace CoreSrl.Abstractions;

/// <summary>
/// A model that learns by gradient descent and lets the trainer see its parameters and gradients, so that models of one shape can
/// learn together: <c>synchronized</c> averages their gradients, <c>federated</c> their parameters.
/// </summary>
/// <remarks>One pass over a batch is <see cref="ComputeGradientsAsync"/>, then (perhaps) the trainer's averaging, then
/// <see cref="ApplyGradientsAsync"/>. Both are called between two episodes, alternating.</remarks>
public interface IGradientModel : IModel
{
    /// <summary>The parameters that training changes, in a fixed order; also in <see cref="IStateful.Tensors"/>. Models whose lists
    /// have equal names, types and shapes are of one shape.</summary>
    IReadOnlyList<StateTensor> Parameters { get; }

    /// <summary>The gradients, in the order and shapes of <see cref="Parameters"/>, float32; meaningful between
    /// <see cref="ComputeGradientsAsync"/> and <see cref="ApplyGradientsAsync"/>.</summary>
    IReadOnlyList<StateTensor> Gradients { get; }

    /// <summary>Computes the gradient of the batch's loss at the present parameters, replacing earlier gradients.</summary>
    /// <param name="batch">The experiences to learn from.</param>
    /// <param name="pass">0 for the first pass over this batch, 1 for the second, … below <see cref="LearningSettings.Passes"/>.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken);

    /// <summary>Clips the gradients' norm and takes one optimizer step.</summary>
    /// <returns>The norm of the gradients before clipping.</returns>
    ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken);

    /// <summary>Learns alone: every pass computes and applies its own gradients.</summary>
    async ValueTask<LearningReport> IModel.LearnAsync(LearningBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var report = LearningReport.Nothing;
        for (var pass = 0; pass < batch.Settings.Passes; pass++)
        {
            report = await ComputeGradientsAsync(batch, pass, cancellationToken).ConfigureAwait(false);
            report = report with { GradientNorm = await ApplyGradientsAsync(batch.Settings, cancellationToken).ConfigureAwait(false) };
        }

        return report;
    }
}
