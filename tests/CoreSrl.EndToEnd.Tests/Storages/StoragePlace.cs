using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Storages;

/// <summary>A place in a storage that is no folder, as a configuration and a command line name it.</summary>
/// <param name="Section">The configuration's section <c>Checkpoints:Storage</c>.</param>
/// <param name="Url">The same place in a word.</param>
/// <param name="Location">Its name in messages.</param>
/// <param name="Environment">Where the credentials are.</param>
/// <param name="WrongEnvironment">Credentials that the server does not accept.</param>
/// <param name="Secrets">What may be seen nowhere.</param>
internal sealed record StoragePlace(
    string Section, string Url, string Location, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, string> WrongEnvironment, IReadOnlyList<string> Secrets)
{
    /// <summary>A small run whose checkpoints go there.</summary>
    public string Configuration => Configurations.Small.Replace("\"Directory\": \"checkpoints/small\"", $"\"Storage\": {Section}", StringComparison.Ordinal);
}
