namespace CoreSrl.Torch;

/// <summary>
/// How Llama 3 stretches the rotary wavelengths of a model that was trained on shorter texts: long ones by the whole factor, short ones
/// not at all, and those between by something between.
/// </summary>
/// <remarks>Llama Team 2024, "The Llama 3 Herd of Models", arXiv:2407.21783; the formula is that of its reference code, apply_scaling in
/// meta-llama/llama-models, and <c>rope_type</c> "llama3" of Hugging Face's configurations.</remarks>
public sealed record RopeScaling
{
    /// <summary><c>factor</c>: how much longer the texts may be, at least 1.</summary>
    public required double Factor { get; init; }

    /// <summary><c>low_freq_factor</c>: a wavelength that fits fewer times than this into the old length is stretched wholly.</summary>
    public required double LowFrequencyFactor { get; init; }

    /// <summary><c>high_freq_factor</c>: one that fits more often than this is not stretched; above
    /// <see cref="LowFrequencyFactor"/>.</summary>
    public required double HighFrequencyFactor { get; init; }

    /// <summary><c>original_max_position_embeddings</c>: the old length, in tokens.</summary>
    public required int OriginalContextLength { get; init; }

    /// <summary>The stretched frequency, in radians per token, of one in the same unit.</summary>
    public double Apply(double frequency)
    {
        var turns = OriginalContextLength * frequency / (2 * Math.PI);
        var kept = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    }
}
