using System.Globalization;

namespace CoreSrl.Killing;

/// <summary>Where the process is to die, relative to a call to the storage.</summary>
public enum KillPlace
{
    /// <summary>The call is never made.</summary>
    Before,

    /// <summary>While the call is under way.</summary>
    Inside,

    /// <summary>The call is done, and its caller never learns it.</summary>
    After,
}

/// <summary>At which of its calls to the storage a process dies.</summary>
/// <param name="Call">The number of the call, from 1 on; 0 for none.</param>
/// <param name="Place">Where, relative to the call.</param>
/// <param name="Seed">Decides how it dies inside.</param>
public sealed record KillPoint(int Call, KillPlace Place, int Seed)
{
    /// <summary>The environment variable that holds a process's kill point, as <c>17 inside 4711</c>. While it is set, calls are told
    /// on standard error.</summary>
    public const string Variable = "CORESRL_KILL_POINT";

    /// <summary>No death, but a record of the calls.</summary>
    public static KillPoint Never { get; } = new(0, KillPlace.Before, 0);

    /// <summary>This process's own; null when it is to be left alone.</summary>
    public static KillPoint? Own => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Parse(text) : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Call} {Place.ToString().ToLowerInvariant()} {Seed}");

    private static KillPoint Parse(string text)
    {
        var parts = text.Split(' ');
        return new(int.Parse(parts[0], CultureInfo.InvariantCulture), Enum.Parse<KillPlace>(parts[1], ignoreCase: true), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
