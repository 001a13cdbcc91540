using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>Options made in code are held to the same rules as those of a configuration.</summary>
internal static class OptionsCheck
{
    /// <summary>The options, if every value is allowed.</summary>
    /// <exception cref="ArgumentException">One or more are not; the message names them.</exception>
    public static T Checked<T>(this T options)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new(options), problems, validateAllProperties: true)
            ? options
            : throw new ArgumentException(string.Join(" ", problems.Select(problem => $"{string.Join(", ", problem.MemberNames)}: {problem.ErrorMessage?.TrimEnd('.')}.")), nameof(options));
    }
}
