using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using static CoreSrl.Configuration.OptionTypes;

namespace CoreSrl.Configuration;

/// <summary>
/// Binds a section to an options record, strictly: an unknown key, a value of the wrong type and a value out of range are all
/// problems, and all are collected before anything is refused.
/// </summary>
internal sealed class OptionsBinder(IConfigurationRoot root)
{
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Adds a problem: a sentence without its full stop, or several with.</summary>
    public void Add(string path, string problem)
    {
        var origin = ConfigurationReader.OriginOf(root, path);
        _problems.Add($"{path}{(origin is null ? "" : $" (from {origin})")}: {problem.TrimEnd('.')}.");
    }

    /// <summary>Binds a section; with problems the result is the record's defaults.</summary>
    /// <param name="section">The section.</param>
    /// <param name="type">A record or class with a parameterless constructor and settable properties.</param>
    /// <param name="reserved">Keys of the section that are not the record's.</param>
    public object Bind(IConfigurationSection section, Type type, params IReadOnlyList<string> reserved)
    {
        var before = _problems.Count;
        CheckObject(section, type, reserved);
        var result = Activator.CreateInstance(type)!;
        if (_problems.Count > before)
            return result;
        // An empty list [] the binder can only make where there is one already.
        foreach (var (property, element) in EmptyLists(section, type))
            property.SetValue(result, Array.CreateInstance(element, 0));
        section.Bind(result, options => options.BindNonPublicProperties = false);
        Validate(section.Path, result);
        return result;
    }

    public T Bind<T>(IConfigurationSection section, params IReadOnlyList<string> reserved)
        where T : class => (T)Bind(section, typeof(T), reserved);

    /// <summary>The entries of a section that is a list; reports what is none.</summary>
    public IReadOnlyList<IConfigurationSection> Entries(IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 } scalar)
            Add(section.Path, $"'{scalar}' stands where a list [ … ] is expected");
        var entries = section.GetChildren().ToLookup(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        foreach (var child in entries[false])
            Add(child.Path, $"a list [ … ] has no key '{child.Key}'; its entries are numbered from 0");
        return [.. entries[true]];
    }

    /// <summary>Reports every child of a section that is not among the known ones.</summary>
    public void CheckKeys(IConfiguration section, string path, IReadOnlyList<string> known)
    {
        foreach (var child in section.GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                Add(child.Path, $"no option of {(path.Length == 0 ? "the configuration" : path)} is called '{child.Key}'. {NearestMatch.Suggest(child.Key, known)}");
        }
    }

    private void CheckObject(IConfigurationSection section, Type type, IReadOnlyList<string> reserved)
    {
        if (section.Value is { Length: > 0 } scalar)
        {
            Add(section.Path, $"'{scalar}' stands where a section {{ … }} is expected");
            return;
        }

        var properties = SettableOf(type);
        CheckKeys(section, section.Path, [.. properties.Select(p => p.Name), .. reserved]);
        foreach (var child in section.GetChildren())
        {
            if (properties.Find(p => string.Equals(p.Name, child.Key, StringComparison.OrdinalIgnoreCase)) is { } property)
                CheckValue(child, property.PropertyType);
        }

        foreach (var property in properties.Where(property => IsRequiredMember(property) && !section.GetSection(property.Name).Exists()))
            Add($"{section.Path}:{property.Name}", "a value is required");
    }

    private void CheckValue(IConfigurationSection section, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ElementTypeOf(type) is { } element)
        {
            foreach (var entry in Entries(section))
                CheckValue(entry, element);
        }
        else if (!IsScalar(type))
        {
            CheckObject(section, type, []);
        }
        else if (section.GetChildren().Any())
        {
            Add(section.Path, $"a section stands where {Describe(type)} is expected");
        }
        else if (section.Value is { } text && !CanConvert(text, type))
        {
            var suggestion = type.IsEnum ? $". {NearestMatch.Suggest(text, EnumNames(type))}" : "";
            Add(section.Path, $"'{text}' is not {Describe(type)}{suggestion}");
        }
    }

    private static IEnumerable<(PropertyInfo Property, Type Element)> EmptyLists(IConfigurationSection section, Type type) =>
        from property in SettableOf(type)
        let element = ElementTypeOf(property.PropertyType)
        where element is not null && section.GetSection(property.Name).Value is { Length: 0 }
        select (property, element);

    private void Validate(string path, object options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var result in results)
        {
            var member = result.MemberNames.FirstOrDefault();
            var property = member is null ? null : options.GetType().GetProperty(member);
            Add(member is null ? path : $"{path}:{member}", Explain(property, property?.GetValue(options), result));
        }
    }

    private static string Explain(PropertyInfo? property, object? value, ValidationResult result)
    {
        var broken = property?.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => !rule.RequiresValidationContext && !rule.IsValid(value));
        return broken switch
        {
            RangeAttribute range => $"must be {Describe(range)}, not {Show(value)}",
            AllowedValuesAttribute allowed => $"'{value}' is not allowed. {NearestMatch.Suggest($"{value}", allowed.Values.OfType<object>().Select(v => $"{v}"))}",
            RequiredAttribute => "a value is required",
            MinLengthAttribute least => $"at least {least.Length} of them {(least.Length == 1 ? "is" : "are")} required",
            RegularExpressionAttribute => $"'{value}': {result.ErrorMessage}",
            _ => result.ErrorMessage ?? $"'{value}' is not valid",
        };
    }
}
