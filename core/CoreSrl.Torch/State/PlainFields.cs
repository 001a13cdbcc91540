using System.Reflection;
using System.Text.Json.Nodes;

namespace CoreSrl.Torch;

/// <summary>The fields in which an object of TorchSharp keeps its numbers, private ones too.</summary>
/// <remarks>
/// By reflection, because TorchSharp (0.107) has no other way: its schedulers have no state at all to ask for, and its optimizers write
/// theirs to streams of their own format, tensors and all. It does not depend on names: whatever fields a class has are stored, and a
/// class with a field of a type that is not understood is refused.
/// </remarks>
internal static class PlainFields
{
    /// <summary>All fields of a type and of its ancestors below one, ancestors first.</summary>
    public static IReadOnlyList<FieldInfo> Below(Type ancestor, Type type)
    {
        var fields = new List<FieldInfo>();
        for (var at = type; at is not null && at != ancestor; at = at.BaseType)
        {
            fields.InsertRange(0, at.GetFields(
                BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic));
        }

        return fields;
    }

    /// <summary>A field's name, or that of the property that it is behind.</summary>
    public static string NameOf(FieldInfo field) => field.Name[0] == '<'
        ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
        : field.Name;

    /// <summary>The values of the fields.</summary>
    public static JsonObject Capture(object owner, IEnumerable<FieldInfo> fields) =>
        new(fields.Select(field => KeyValuePair.Create(NameOf(field), PlainValue.ToJson(field.GetValue(owner)))));

    /// <summary>Checks what <see cref="Capture"/> returned, and returns what puts it back.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static Action Prepare(object owner, IReadOnlyList<FieldInfo> fields, JsonNode? stored, string where)
    {
        var values = StoredJson.ObjectOf(stored, fields.Select(NameOf), where);
        return fields.Select(field => Prepare(owner, field, values[NameOf(field)], $"{where}: {NameOf(field)}")).InTurn();
    }

    /// <summary>Checks one stored value, and returns what puts it back.</summary>
    public static Action Prepare(object owner, FieldInfo field, JsonNode? stored, string where)
    {
        if (!PlainValue.IsScalar(field.FieldType))
            return PlainValue.Overwrite(field.GetValue(owner), stored, where);
        var value = PlainValue.FromJson(stored, field.FieldType, where);
        return () => field.SetValue(owner, value);
    }

    /// <summary>One action that takes all of them in turn; all are made, and so checked, at once.</summary>
    public static Action InTurn(this IEnumerable<Action> actions)
    {
        var all = actions.ToList();
        return () => all.ForEach(action => action());
    }
}
