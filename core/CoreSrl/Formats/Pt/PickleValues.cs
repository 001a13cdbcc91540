using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Pt;

// What a state dict's pickle can hold, besides long, double, bool, string and null. None of it is ever executed.

/// <summary>A dict or OrderedDict, its pairs in the order in which they were set.</summary>
internal sealed class PickleDict
{
    // Made when needed: one byte of a pickle makes an empty dict, and a hostile one has millions of them.
    private List<(object? Key, object? Value)>? _pairs;

    public IReadOnlyList<(object? Key, object? Value)> Pairs => _pairs ?? [];

    public void Add(object? key, object? value) => (_pairs ??= []).Add((key, value));
}

/// <summary>A list.</summary>
internal sealed class PickleList
{
    private List<object?>? _items;

    public IReadOnlyList<object?> Items => _items ?? [];

    public void Add(object? item) => (_items ??= []).Add(item);
}

/// <summary>A tuple.</summary>
internal sealed class PickleTuple(ImmutableArray<object?> items)
{
    private ImmutableArray<long> _numbers;

    public ImmutableArray<object?> Items => items;

    /// <summary>The items, if they are whole numbers from 0 on; else default. A pickle can give one tuple to many tensors: it is
    /// unfolded once.</summary>
    public ImmutableArray<long> Numbers
    {
        get
        {
            if (_numbers.IsDefault && items.All(item => item is long and >= 0))
                _numbers = [.. items.Select(item => (long)item!)];
            return _numbers;
        }
    }
}

/// <summary>A name that the pickle refers to; one of those in <see cref="PickleReader"/>.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A class that names an element type.</summary>
internal sealed record PickleStorageType(TensorType Type);

/// <summary>A run of elements in an entry of the archive.</summary>
internal sealed record PickleStorage(TensorType Type, string Key, long ElementCount);

/// <summary>A tensor: a window onto a storage. It has been checked to lie inside.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Strides);
