namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>What signs between values do, as in Python.</summary>
internal static class Operators
{
    public static object? Apply(string sign, object? left, object? right, Work work)
    {
        switch (sign, left, right)
        {
            case ("~", _, _):
                return Values.TextOf(left) + Values.TextOf(right);
            case ("+", string one, string other):
                return one + other;
            case ("+", IReadOnlyList<object?> one, IReadOnlyList<object?> other):
                return one.Concat(other).ToList();
            case ("*", string text, long count):
                work.Spend(count > 0 && text.Length > 0 ? (long)Int128.Min((Int128)text.Length * count, long.MaxValue) : 0);
                return string.Concat(Enumerable.Repeat(text, (int)Math.Max(0, text.Length == 0 ? 0 : count)));
        }

        return (Number(left), Number(right)) switch
        {
            (long one, long other) => Whole(sign, one, other),
            ({ } one, { } other) => Real(sign, Convert.ToDouble(one), Convert.ToDouble(other)),
            _ => throw new ValueException($"'{sign}' does not go between {Values.KindOf(left)} and {Values.KindOf(right)}"),
        };
    }

    public static bool Compare(string sign, object? left, object? right) => sign switch
    {
        "==" => AreEqual(left, right),
        "!=" => !AreEqual(left, right),
        "in" => Contains(right, left),
        "not in" => !Contains(right, left),
        "<" => Order(sign, left, right) < 0,
        "<=" => Order(sign, left, right) <= 0,
        ">" => Order(sign, left, right) > 0,
        _ => Order(sign, left, right) >= 0,
    };

    public static object Negate(object? value) => Number(value) switch
    {
        long number => number == long.MinValue ? throw new ValueException("a number is too large") : (object)-number,
        double number => -number,
        _ => throw new ValueException($"'-' does not go before {Values.KindOf(value)}"),
    };

    public static bool AreEqual(object? left, object? right)
    {
        Values.EnsureShallow();
        return (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (string one, string other) => one == other,
            (IReadOnlyList<object?> one, IReadOnlyList<object?> other) => one.Count == other.Count && one.Zip(other).All(pair => AreEqual(pair.First, pair.Second)),
            (Map one, Map other) => one.Count == other.Count && one.All(entry => other.TryGetValue(entry.Key, out var value) && AreEqual(entry.Value, value)),
            _ => Number(left) is { } one && Number(right) is { } other ? NumberOrder(one, other) == 0 : ReferenceEquals(left, right),
        };
    }

    /// <summary>A value as a number, long or double; null when it is none. A truth value is 1 or 0.</summary>
    public static object? Number(object? value) => value switch
    {
        bool truth => truth ? 1L : 0L,
        long or double => value,
        _ => null,
    };

    private static bool Contains(object? items, object? value) => items switch
    {
        string text => value is string part
            ? text.Contains(part, StringComparison.Ordinal)
            : throw new ValueException($"{Values.KindOf(value)} cannot be in a text"),
        Map map => value is string key && map.ContainsKey(key),
        _ => Values.ItemsOf(items).Any(item => AreEqual(item, value)),
    };

    private static int Order(string sign, object? left, object? right) => (left, right) switch
    {
        (string one, string other) => string.CompareOrdinal(one, other),
        _ => Number(left) is { } one && Number(right) is { } other
            ? NumberOrder(one, other)
            : throw new ValueException($"'{sign}' does not go between {Values.KindOf(left)} and {Values.KindOf(right)}"),
    };

    private static int NumberOrder(object one, object other) =>
        one is long first && other is long second ? first.CompareTo(second) : Convert.ToDouble(one).CompareTo(Convert.ToDouble(other));

    private static object Whole(string sign, long left, long right)
    {
        try
        {
            checked
            {
                return sign switch
                {
                    "+" => (object)(left + right),
                    "-" => left - right,
                    "*" => left * right,
                    "**" => right >= 0 ? (object)Power(left, right) : Math.Pow(left, right),
                    _ when right == 0 => throw DividedByZero(),
                    "/" => (double)left / right,
                    "//" => FloorDivide(left, right),
                    _ => left - (FloorDivide(left, right) * right),
                };
            }
        }
        catch (OverflowException)
        {
            throw new ValueException("a number is too large");
        }
    }

    private static double Real(string sign, double left, double right) => sign switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "**" => Math.Pow(left, right),
        _ when right == 0 => throw DividedByZero(),
        "/" => left / right,
        "//" => Math.Floor(left / right),
        _ => left - (Math.Floor(left / right) * right),
    };

    private static long FloorDivide(long left, long right)
    {
        var (quotient, rest) = Math.DivRem(left, right);
        return rest != 0 && (rest < 0) != (right < 0) ? quotient - 1 : quotient;
    }

    private static long Power(long left, long right)
    {
        if (left is 0 or 1 || right == 0)
            return right == 0 ? 1 : left;
        if (left == -1)
            return right % 2 == 0 ? 1 : -1;
        // Of any other, 64 times is too large.
        var power = 1L;
        for (var i = 0L; i < right; i++)
            power = checked(power * left);
        return power;
    }

    private static ValueException DividedByZero() => new("a number is divided by 0");
}
