using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoreSrl.Configuration;

namespace CoreSrl.Plugins.Inspecting;

/// <summary>Reads from an options record which options there are, with their defaults and ranges.</summary>
internal static class OptionsRecord
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(new LowerCase()) },
    };

    /// <summary>The options of a record.</summary>
    /// <param name="type">The record; it is created, to see its defaults.</param>
    public static IReadOnlyList<PluginOption> Read(Type type) => [.. Read(Activator.CreateInstance(type), type, "", [])];

    private static IEnumerable<PluginOption> Read(object? defaults, Type type, string prefix, IReadOnlyList<Type> around)
    {
        around = [.. around, type];
        foreach (var property in OptionTypes.SettableOf(type))
        {
            var value = defaults is null ? null : property.GetValue(defaults);
            var (name, declared) = ($"{prefix}{property.Name}", Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            if (OptionTypes.ElementTypeOf(declared) is null && !OptionTypes.IsScalar(declared))
            {
                // A record within itself has no last option.
                IEnumerable<PluginOption> within = around.Contains(declared)
                    ? [new(name, $"section of the same kind ({declared.Name})", Default: null, Limits: "", IsRequired: false)]
                    : Read(value, declared, $"{name}:", around);
                foreach (var inner in within)
                    yield return inner;
                continue;
            }

            if (OptionTypes.IsRequiredMember(property))
                value = null; // Whoever made it here did not have to set it.
            var isRequired = OptionTypes.IsRequiredMember(property) || (property.GetCustomAttribute<RequiredAttribute>() is not null && value is null or "");
            yield return new(name, OptionTypes.Name(declared), value is null ? null : JsonSerializer.SerializeToNode(value, property.PropertyType, Json), Limits(property, declared), isRequired);
        }
    }

    private static string Limits(PropertyInfo property, Type declared) => string.Join(", ", property.GetCustomAttributes<ValidationAttribute>().Select(rule => rule switch
    {
        RangeAttribute range => OptionTypes.Describe(range),
        AllowedValuesAttribute allowed => $"one of {string.Join(", ", allowed.Values.OfType<object>())}",
        MinLengthAttribute least => $"at least {least.Length}",
        MaxLengthAttribute most => $"at most {most.Length}",
        LengthAttribute length => $"{length.MinimumLength} to {length.MaximumLength}",
        StringLengthAttribute length => $"{length.MinimumLength} to {length.MaximumLength} characters",
        RegularExpressionAttribute pattern => pattern.ErrorMessage ?? $"matches {pattern.Pattern}",
        _ => rule.ErrorMessage ?? "",
    }).Append(declared.IsEnum ? $"one of {string.Join(", ", OptionTypes.EnumNames(declared))}" : "").Where(limit => limit.Length > 0));

    private sealed class LowerCase : JsonNamingPolicy
    {
        public override string ConvertName(string name) => name.ToLowerInvariant();
    }
}
