using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>A model at its place in a run.</summary>
/// <param name="Id">Its id in the configuration.</param>
/// <param name="Index">Its place in the configuration.</param>
/// <param name="Model">The model.</param>
internal sealed record ModelSlot(string Id, int Index, IModel Model);
