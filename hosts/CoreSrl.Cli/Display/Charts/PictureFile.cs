using CoreSrl.Analysis;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Display.Charts;

/// <summary>A picture to write, of a kind that its name tells.</summary>
internal sealed class PictureFile
{
    private readonly Func<RunProgress, string, byte[]> _draw;

    private PictureFile(string path, Func<RunProgress, string, byte[]> draw)
    {
        Path = path;
        _draw = draw;
    }

    /// <summary>Where it is to be.</summary>
    public string Path { get; }

    /// <summary>Chooses the kind; writes nothing.</summary>
    /// <exception cref="ConfigurationException">The name tells no kind of picture.</exception>
    public static PictureFile At(string path) => System.IO.Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".PNG" => new(path, ProgressChart.ToPng),
        ".SVG" => new(path, ProgressChart.ToSvg),
        _ => throw new ConfigurationException($"--out {path}: a picture's name ends in .png or .svg."),
    };

    /// <summary>Draws and writes it: as a whole or not at all.</summary>
    /// <exception cref="ConfigurationException">It cannot be written there.</exception>
    public void Write(RunProgress progress, string runName)
    {
        var picture = _draw(progress, runName);
        var partial = Path + ".partial";
        try
        {
            File.WriteAllBytes(partial, picture);
            File.Move(partial, Path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(partial))
                File.Delete(partial);
            throw new ConfigurationException($"--out {Path} cannot be written: {e.Message.Replace(partial, Path, StringComparison.Ordinal)}", e);
        }
    }
}
