using System.Text;

namespace CoreSrl.Torch.Tests;

public sealed class TorchHostTests
{
    private static readonly string Natives = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");

    [Fact]
    public void The_output_holds_a_patched_copy_of_TorchSharp_and_only_links_to_libtorch()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var native = new FileInfo(Path.Combine(Natives, "libLibTorchSharp.so"));
        Assert.Null(native.LinkTarget);
        Assert.NotNull(new FileInfo(Path.Combine(Natives, "libtorch_cpu.so")).LinkTarget);

        // One byte differs from the package's file: the flags of the version need.
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var original = File.ReadAllBytes(Path.Combine(packages, "torchsharp", "0.107.0", "runtimes", "linux-x64", "native", native.Name));
        var patched = File.ReadAllBytes(native.FullName);
        var different = Enumerable.Range(0, original.Length).Where(i => original[i] != patched[i]).ToList();
        Assert.Equal(original.Length, patched.Length);
        var flags = Assert.Single(different);
        Assert.Equal((0, 2), (original[flags], patched[flags]));
        // vna_hash stands before the flags: the ELF hash of the version's name.
        Assert.Equal(ElfHash("GLIBCXX_3.4.32"), BitConverter.ToUInt32(patched, flags - 4));
    }

    [Fact]
    public void Libraries_that_are_never_loaded_are_left_out()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var names = Directory.GetFiles(Natives).Select(Path.GetFileName).ToList();
        Assert.DoesNotContain(names, name => name!.Contains("python", StringComparison.Ordinal)
            || name.Contains("test", StringComparison.Ordinal) || name.Contains("nnapi", StringComparison.Ordinal));
        Assert.Contains("libtorch_cpu.so", names);
    }

    // System V ABI, "Hash Table".
    private static uint ElfHash(string name)
    {
        var hash = 0u;
        foreach (var octet in Encoding.ASCII.GetBytes(name))
        {
            hash = (hash << 4) + octet;
            var high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }
}
