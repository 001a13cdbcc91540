using System.Reflection;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Testing;
using CoreSrl.Torch;
using PublicApiGenerator;
using Snapshooter;
using Snapshooter.Xunit;

namespace CoreSrl.Packages.Tests;

/// <summary>
/// What the packages promise, member by member, is on record in <c>PublicApi/</c>. A change fails here until the new record, which
/// lies in <c>PublicApi/__snapshots__/__mismatch__</c> then, is moved up: whoever reviews the change sees what it does to others.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        // It counts private methods.
        ExcludeAttributes = [typeof(AsyncIteratorStateMachineAttribute).FullName!],
    };

    static PublicApiTests() => Environment.SetEnvironmentVariable("SNAPSHOOTER_STRICT_MODE", Environment.GetEnvironmentVariable("SNAPSHOOTER_STRICT_MODE") ?? "on");

    public static TheoryData<string> Packages => [.. Assemblies.Keys];

    private static Dictionary<string, Assembly> Assemblies { get; } = new Type[]
    {
        typeof(ICheckpointPolicy), typeof(CheckpointManager), typeof(TorchState), typeof(StorageConformance),
    }.ToDictionary(type => type.Assembly.GetName().Name!, type => type.Assembly);

    [Theory]
    [MemberData(nameof(Packages))]
    public void Is_what_is_on_record(string package) => Snapshot.Match(
        Assemblies[package].GeneratePublicApi(Options), new SnapshotFullName($"{package}.cs.snap", Path.Combine(Repository.Path, "tests", "CoreSrl.Packages.Tests", "PublicApi")));
}
