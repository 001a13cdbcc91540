using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.WithNative;

/// <summary>Asks a native library for its version.</summary>
[Plugin("sodium")]
public sealed partial class SodiumContributor : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
        new Dictionary<string, JsonNode?> { ["sodium"] = Marshal.PtrToStringUTF8(VersionString()) };

    [LibraryImport("libsodium", EntryPoint = "sodium_version_string")]
    private static partial nint VersionString();
}
