using CoreSrl.Abstractions;
using CoreSrl.Plugins;

namespace CoreSrl.Tests.Architecture;

/// <summary>What lies where in a build.</summary>
public class LayoutTests
{
    public static TheoryData<string> Plugins => [.. Built.Plugins];

    [Fact]
    public void The_command_brings_plugins_along() =>
        Assert.Superset(new HashSet<string> { "CoreSrl.Plugins.CustomMetrics", "CoreSrl.Plugins.Environments", "CoreSrl.Plugins.LocalStorage", "CoreSrl.Plugins.TorchLora" }, Built.Plugins.ToHashSet());

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_is_stamped_with_the_current_API_level(string plugin)
    {
        var described = PluginManifest.Read(Built.PathOf(plugin), out _);

        Assert.NotEmpty(described);
        Assert.All(described, descriptor => Assert.Equal(ApiLevel.Current, descriptor.ApiLevel));
    }

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugins_folder_holds_no_copy_of_what_the_host_shares(string plugin)
    {
        var files = Directory.EnumerateFiles(Path.Combine(Built.Folder, "plugins", plugin), "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path));

        Assert.DoesNotContain(files, file =>
            file is "CoreSrl.dll" or "CoreSrl.Abstractions.dll" or "CoreSrl.Torch.dll" or "TorchSharp.dll" or "Autofac.dll" or "Microsoft.Extensions.Logging.Abstractions.dll"
            || file.Contains("LibTorchSharp", StringComparison.Ordinal) || file.StartsWith("libtorch", StringComparison.Ordinal) || file.StartsWith("libc10", StringComparison.Ordinal));
    }

    [Fact]
    public void Libtorch_in_an_output_is_a_link_into_the_package_cache()
    {
        if (OperatingSystem.IsWindows())
            return; // A hard link, which looks like any file.
        var native = Directory.EnumerateFiles(Path.Combine(Built.Folder, "runtimes"), "libtorch_cpu.*", SearchOption.AllDirectories);

        Assert.All(native, file => Assert.NotNull(new FileInfo(file).LinkTarget));
        Assert.NotEmpty(native);
    }
}
