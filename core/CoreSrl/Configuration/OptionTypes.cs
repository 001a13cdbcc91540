using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace CoreSrl.Configuration;

/// <summary>The types that an option can have, and how they are spoken of.</summary>
internal static class OptionTypes
{
    /// <summary>The options of a record: what can be set.</summary>
    public static List<PropertyInfo> SettableOf(Type type) => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null)];

    /// <summary>Whether a configuration must set it, as code must: it is marked <c>required</c>.</summary>
    public static bool IsRequiredMember(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute));

    /// <summary>Of what something is a list; null when it is none.</summary>
    public static Type? ElementTypeOf(Type type)
    {
        if (type == typeof(string))
            return null;
        if (type.IsArray)
            return type.GetElementType();
        return type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0] : null;
    }

    /// <summary>Whether it is written as one value.</summary>
    public static bool IsScalar(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(TimeSpan)
        || type == typeof(Uri) || type == typeof(DateTimeOffset) || type == typeof(Guid);

    /// <summary>Whether a text stands for a value of a type.</summary>
    public static bool CanConvert(string text, Type type)
    {
        if (type == typeof(string))
            return true;
        if (type.IsEnum)
            return EnumNames(type).Contains(text, StringComparer.OrdinalIgnoreCase);
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not (double.NaN or float.NaN);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>The words that stand for the values of an enumeration.</summary>
    public static IEnumerable<string> EnumNames(Type type) => Enum.GetNames(type).Select(name => name.ToLowerInvariant());

    /// <summary>In a word or two: <c>whole number</c>.</summary>
    public static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } underlying ? Name(underlying) : type switch
    {
        _ when ElementTypeOf(type) is { } element => $"list of {Name(element)}",
        _ when type.IsEnum => "word",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(double) || type == typeof(float) || type == typeof(decimal) => "number",
        _ when type.IsPrimitive && type != typeof(char) => "whole number",
        _ when type == typeof(TimeSpan) => "time span",
        _ when type == typeof(string) => "text",
        _ => type.Name,
    };

    /// <summary>What a value must be, in a message about one that is not.</summary>
    public static string Describe(Type type) => type switch
    {
        _ when type.IsEnum => "one of its values",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(ulong) || type == typeof(uint) => $"a whole number from 0 to {(type == typeof(ulong) ? ulong.MaxValue : uint.MaxValue)}",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) || type == typeof(float) || type == typeof(decimal) => "a number",
        _ when type == typeof(TimeSpan) => "a time span (hh:mm:ss)",
        _ => $"a {type.Name}",
    };

    /// <summary>A range: <c>between 1 and 4096</c>.</summary>
    public static string Describe(RangeAttribute range)
    {
        var (from, to) = (Show(range.Minimum), Show(range.Maximum));
        if (range.Maximum is long.MaxValue or int.MaxValue or (double)long.MaxValue && !range.MinimumIsExclusive)
            return $"at least {from}";
        return (range.MinimumIsExclusive, range.MaximumIsExclusive) switch
        {
            (false, false) => $"between {from} and {to}",
            (true, false) => $"above {from} and at most {to}",
            (false, true) => $"at least {from} and below {to}",
            (true, true) => $"above {from} and below {to}",
        };
    }

    /// <summary>A value as it is written.</summary>
    public static string Show(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
