using CoreSrl.Abstractions;

namespace CoreSrl.Server;

/// <summary>A model that clients can ask for.</summary>
/// <param name="Id">The name by which they do.</param>
/// <param name="Model">The model; it answers one request after the other.</param>
/// <param name="Created">When its weights were made.</param>
/// <param name="Fingerprint">Which weights they are, told with every answer.</param>
public sealed record ServedModel(string Id, IChatModel Model, DateTimeOffset Created, string Fingerprint);
