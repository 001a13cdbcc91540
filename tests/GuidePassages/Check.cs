using System.Runtime.CompilerServices;

namespace GuidePassages;

/// <summary>What a section says must be so.</summary>
internal static class Check
{
    /// <summary>Throws when it is not.</summary>
    public static void That(bool isSo, [CallerArgumentExpression(nameof(isSo))] string what = "")
    {
        if (!isSo)
            throw new InvalidOperationException($"It is not so that {what}.");
    }
}
