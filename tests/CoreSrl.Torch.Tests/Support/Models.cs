using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Torch.Tests;

internal static class Models
{
    public static async Task<TorchLoraModel> CreateAsync(ulong seed = 1, TorchLoraOptions? options = null, string id = "model_0") =>
        (TorchLoraModel)await new TorchLoraBackend(options ?? new()).CreateAsync(new ModelContext(id, seed, Threads: 1), default);

    public static byte[] Bytes(this StateTensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteLength];
        tensor.CopyTo(0, bytes);
        return bytes;
    }

    public static float[] Floats(this StateTensor tensor)
    {
        var values = new float[tensor.Info.ElementCount];
        tensor.CopyTo(0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>All bytes of the tensors of some parts, as one hexadecimal digest per part list.</summary>
    public static string Digest(this IModel model, params TensorPart[] parts)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach (var tensor in model.Tensors.Where(tensor => parts.Contains(tensor.Part)))
            hash.AppendData(tensor.Bytes());
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Plays and learns once: a reward of 1 for the first choice, 0 for any other; free text is rewarded by its length.</summary>
    public static async Task<double> TrainOnceAsync(this IModel model, int update, double learningRate, params Observation[] observations)
    {
        var requests = Enumerable.Range(0, 16)
            .Select(i => new ModelRequest(observations[i % observations.Length], SeededFill.Derive((ulong)update, $"game {i}"))).ToList();
        var responses = await model.ActAsync(requests, default);
        var rewards = responses.Select((response, i) => requests[i].Observation.Choices.IsEmpty
            ? response.Actions.Length / 32.0
            : response.Text == requests[i].Observation.Choices[0] ? 1.0 : 0.0).ToArray();
        var mean = rewards.Average();
        var deviation = Math.Sqrt(rewards.Average(reward => (reward - mean) * (reward - mean)));
        var experiences = requests.Select((request, i) =>
            new Experience(request.Observation, responses[i], rewards[i], (rewards[i] - mean) / (deviation + 1e-6))).ToList();
        var settings = new LearningSettings { LearningRate = learningRate, Passes = 2 };
        await model.LearnAsync(new LearningBatch(experiences, settings, (ulong)update), default);
        return mean;
    }
}
