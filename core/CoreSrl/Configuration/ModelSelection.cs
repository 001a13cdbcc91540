namespace CoreSrl.Configuration;

/// <summary>One entry of <c>Models</c>.</summary>
/// <param name="Id">The model's id, unique in the run; part of file names.</param>
/// <param name="Backend">The backend that creates it.</param>
public sealed record ModelSelection(string Id, PluginSelection Backend);
