namespace CoreSrl.Formats.Pt;

/// <summary>The tensors in a pickled value, each under the path that leads to it.</summary>
internal sealed class StateDictTree
{
    private const string Remedy = "Save the state_dict() of the model with torch.save";
    private const int MaxDepth = 64;

    private readonly string _file;
    private readonly List<(string Name, PickleTensor Tensor)> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<object> _path = [];
    private long _budget;

    private StateDictTree(string file, long budget)
    {
        _file = file;
        _budget = budget;
    }

    /// <summary>The tensors in their order.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="root">The pickled value.</param>
    /// <param name="pickleLength">The pickle's size in bytes. A pickle can hold one container in many places, even in itself; what
    /// unfolds to far more than the pickle's own size is refused.</param>
    /// <exception cref="CheckpointFormatException">It is no dict, two tensors have one path, or it unfolds without end.</exception>
    public static IReadOnlyList<(string Name, PickleTensor Tensor)> Flatten(string file, object? root, long pickleLength)
    {
        var tree = new StateDictTree(file, (8 * pickleLength) + 1024);
        if (root is not PickleDict)
            throw tree.Refuse("it does not hold a dict of tensors");
        tree.Visit(root);
        return tree._tensors;
    }

    private void Visit(object? value)
    {
        if (--_budget < 0 || _path.Count > MaxDepth)
            throw Refuse("its containers are nested too deeply, or hold each other");
        switch (value)
        {
            case PickleTensor tensor:
                Add(tensor);
                break;
            case PickleDict dict:
                foreach (var (key, item) in dict.Pairs)
                    Descend(key, item);
                break;
            case PickleList list:
                for (var i = 0; i < list.Items.Count; i++)
                    Descend((long)i, list.Items[i]);
                break;
            case PickleTuple tuple:
                for (var i = 0; i < tuple.Items.Length; i++)
                    Descend((long)i, tuple.Items[i]);
                break;
            case null or long or double or bool or string:
                break;
            default:
                throw Refuse("it holds a class or a bare storage where a tensor should be");
        }
    }

    private void Descend(object? step, object? value)
    {
        if (step is not (string or long))
            throw Refuse("a dict has a key that is neither text nor a whole number");
        _path.Add(step);
        Visit(value);
        _path.RemoveAt(_path.Count - 1);
    }

    private void Add(PickleTensor tensor)
    {
        _budget -= _path.Sum(step => step is string text ? text.Length : 1);
        if (_budget < 0)
            throw Refuse("the names of its tensors are too long");
        var name = Path;
        if (name.Length == 0 || !_names.Add(name))
            throw Refuse($"there is a second tensor '{name}', or one without a name");
        _tensors.Add((name, tensor));
    }

    private string Path => string.Join('.', _path);

    private CheckpointFormatException Refuse(string problem) => new(_file, problem, Remedy);
}
