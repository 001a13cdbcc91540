using CoreSrl.Tests.Checkpoints.Claims;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests;

/// <summary>The test assembly, run as a program.</summary>
internal static class Program
{
    private static Task Main(string[] arguments) => arguments switch
    {
        ["stall", var root] => StallingWriter.RunAsync(root),
        ["claim", var root] => ClaimingProcess.RunAsync(root),
        _ => throw new ArgumentException($"unknown: {string.Join(' ', arguments)}"),
    };
}
