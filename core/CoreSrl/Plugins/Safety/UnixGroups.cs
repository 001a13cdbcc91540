using System.Globalization;

namespace CoreSrl.Plugins.Safety;

/// <summary>Who is in a group, as <c>/etc/passwd</c> and <c>/etc/group</c> tell it.</summary>
internal sealed class UnixGroups
{
    private readonly ILookup<uint, (string Name, string[] Members)> _groups;
    private readonly Dictionary<string, uint> _users = new(StringComparer.Ordinal);
    private readonly ILookup<uint, uint> _primary;

    /// <param name="passwd">The lines of <c>/etc/passwd</c>: name:password:user:group:….</param>
    /// <param name="group">The lines of <c>/etc/group</c>: name:password:group:member,member.</param>
    public UnixGroups(IEnumerable<string> passwd, IEnumerable<string> group)
    {
        var users = Fields(passwd, 4).Where(line => IsNumber(line[2]) && IsNumber(line[3])).ToList();
        foreach (var line in users)
            _users[line[0]] = Number(line[2]);
        _primary = users.ToLookup(line => Number(line[3]), line => Number(line[2]));
        _groups = Fields(group, 4).Where(line => IsNumber(line[2]))
            .ToLookup(line => Number(line[2]), line => (line[0], line[3].Split(',', StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>This machine's.</summary>
    public static UnixGroups OfMachine() => new(Lines("/etc/passwd"), Lines("/etc/group"));

    /// <summary>For messages: <c>'users'</c>, or the number where the group has no name here.</summary>
    public string NameOf(uint group) => _groups[group].Select(known => $"'{known.Name}'").FirstOrDefault() ?? $"{group}";

    /// <summary>Whether nobody but a user, and root, is in a group: in the one that many systems give each user, or in root's. Of a
    /// group that is not listed here, but in some directory of the network, nobody can tell.</summary>
    public bool IsOnlyOf(uint group, uint user) =>
        _groups[group].Any()
        && (group == 0 || _primary[group].Contains(user))
        && _primary[group].All(number => number == user || number == 0)
        && _groups[group].SelectMany(known => known.Members).All(member => _users.TryGetValue(member, out var number) && (number == user || number == 0));

    private static IEnumerable<string[]> Fields(IEnumerable<string> lines, int count) =>
        lines.Select(line => line.Split(':')).Where(fields => fields.Length >= count);

    private static bool IsNumber(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static uint Number(string text) => uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
