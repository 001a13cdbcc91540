using System.Reflection;
using Autofac;
using Autofac.Core;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Plugins;

/// <summary>Creates the plugins that a configuration selects: finds, loads, binds their options, and lets Autofac build them.</summary>
public sealed class PluginHost : IAsyncDisposable
{
    private readonly MultiModelConfig _config;
    private readonly PluginCatalog _catalog;
    private readonly IContainer _services;
    private readonly PluginLoadContexts _contexts = new();
    private readonly List<ILifetimeScope> _scopes = [];
    private readonly Dictionary<PluginDescriptor, PluginDescriptor> _used = [];

    /// <summary>A host for the plugins of one configuration.</summary>
    /// <param name="config">The configuration that selects them.</param>
    /// <param name="services">What the program gives them, and the plugins it brings along.</param>
    /// <exception cref="ConfigurationException">A plugin directory does not exist.</exception>
    public PluginHost(MultiModelConfig config, HostServices services)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(services);
        _config = config;
        _catalog = PluginCatalog.Discover(config.PluginDirectories, services.PluginTypes);
        var builder = new ContainerBuilder();
        builder.RegisterInstance(services.Loggers).ExternallyOwned();
        builder.RegisterGeneric(typeof(Logger<>)).As(typeof(ILogger<>)).SingleInstance();
        builder.RegisterInstance(services.Time).ExternallyOwned();
        builder.RegisterInstance(new StorageContext(Path.GetFullPath(config.Checkpoints.Directory)));
        _services = builder.Build();
    }

    /// <summary>The plugins created so far.</summary>
    public IReadOnlyCollection<PluginDescriptor> Used => _used.Keys;

    /// <summary>Creates the selected plugin.</summary>
    /// <typeparam name="T">The contract's interface.</typeparam>
    /// <exception cref="ConfigurationException">It is unknown, cannot be loaded, its options are wrong, or its constructor throws.</exception>
    public CreatedPlugin<T> Create<T>(PluginContract contract, PluginSelection selection)
        where T : class => Prepare<T>(contract, selection).Create();

    /// <summary>Makes a factory for the selected plugin, its options checked, for when several instances are needed.</summary>
    /// <exception cref="ConfigurationException">It is unknown, cannot be loaded, or its options are wrong.</exception>
    public PluginFactory<T> Prepare<T>(PluginContract contract, PluginSelection selection)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(selection);
        var descriptor = _catalog.Find(contract, selection);
        var type = _contexts.Load(descriptor);
        var parameters = ParametersOf(descriptor, type, selection);
        var list = parameters.FirstOrDefault(parameter => parameter.ParameterType == typeof(IReadOnlyList<T>))?.Name is { } name
            ? $"{char.ToUpperInvariant(name[0])}{name[1..]}"
            : null;
        var problems = new ConfigurationProblems();
        var members = list is null ? [] : PrepareMembers<T>(contract, selection.Section.GetSection(list), problems);
        var options = problems.Try(() => BindOptions(descriptor, type, parameters, selection, list));
        problems.Tell();
        var scope = BeginScope(descriptor, type, options, selection);
        _scopes.Add(scope);
        _used[descriptor] = descriptor;
        return new(descriptor, selection, options, () => Resolve<T>(scope, type, descriptor, selection, members)) { List = list, Members = members };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var scope in _scopes)
            await scope.DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The plugin, its options, and whatever the Autofac modules of its assembly register.</summary>
    private ILifetimeScope BeginScope(PluginDescriptor descriptor, Type type, object? options, PluginSelection selection)
    {
        try
        {
            var modules = type.Assembly.GetExportedTypes().Where(t => t is { IsAbstract: false } && typeof(IModule).IsAssignableFrom(t));
            return _services.BeginLifetimeScope(builder =>
            {
                builder.RegisterType(type);
                if (options is not null)
                    builder.RegisterInstance(options).As(options.GetType());
                foreach (var module in modules)
                    builder.RegisterModule((IModule)Activator.CreateInstance(module)!);
            });
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new ConfigurationException($"{selection.Path}: plugin '{descriptor.Name}' ({descriptor.AssemblyPath}) could not be prepared: {Cause(e)}", e);
        }
    }

    /// <summary>The plugins of a list in another's section; each entry selects one, as the section itself does.</summary>
    private List<PluginFactory<T>> PrepareMembers<T>(PluginContract contract, IConfigurationSection list, ConfigurationProblems problems)
        where T : class
    {
        var binder = new OptionsBinder(_config.Root);
        var selections = binder.Entries(list).Select(entry => PluginSelection.Read(binder, entry)).ToList();
        if (selections.Count == 0 && binder.Problems.Count == 0)
            binder.Add(list.Path, $"a list [ {{ \"Use\": … }} ] of at least one {contract.Describe()} is required");
        problems.Try(() => binder.Problems.Count == 0 ? binder : throw new ConfigurationException(binder.Problems));
        return [.. selections.Where(selection => selection.Use.Length > 0).Select(selection => problems.Try(() => Prepare<T>(contract, selection))).OfType<PluginFactory<T>>()];
    }

    private static T Resolve<T>(ILifetimeScope scope, Type type, PluginDescriptor descriptor, PluginSelection selection, IReadOnlyList<PluginFactory<T>> members)
        where T : class
    {
        IReadOnlyList<T> instances = [.. members.Select(member => member.New())];
        try
        {
            return (T)scope.Resolve(type, new TypedParameter(typeof(IReadOnlyList<T>), instances));
        }
        catch (DependencyResolutionException e)
        {
            throw new ConfigurationException($"{selection.Path}: plugin '{descriptor.Name}' could not be created: {Cause(e)}", e);
        }
    }

    /// <summary>The message that says what went wrong: that of the plugin's own exception, or Autofac's last.</summary>
    private static string Cause(Exception e)
    {
        while (e is DependencyResolutionException or TargetInvocationException && e.InnerException is { } inner)
            e = inner;
        return e switch
        {
            DependencyResolutionException or ConfigurationException => e.Message,
            // The plugin's own words about its options; the name of its parameter says nothing to whoever writes a configuration.
            ArgumentException { ParamName: { } name } => e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
            _ => $"{e.Message} ({e.GetType().Name})",
        };
    }

    private static ParameterInfo[] ParametersOf(PluginDescriptor descriptor, Type type, PluginSelection selection)
    {
        var constructors = type.GetConstructors();
        if (type.IsAbstract || constructors.Length != 1)
            throw new ConfigurationException($"{selection.Path}: plugin '{descriptor.Name}' must be a class with one public constructor; {type.FullName} has {constructors.Length}.");
        return constructors[0].GetParameters();
    }

    private object? BindOptions(PluginDescriptor descriptor, Type type, ParameterInfo[] parameters, PluginSelection selection, string? list)
    {
        var records = parameters.Select(p => p.ParameterType).Where(t => t.Assembly == type.Assembly && IsSealedRecord(t)).ToList();
        if (records.Count > 1)
            throw new ConfigurationException($"{selection.Path}: plugin '{descriptor.Name}' asks for {records.Count} option records; it may ask for one.");
        List<string> reserved = descriptor.Contract == PluginContract.Backend ? ["Use", "Id"] : ["Use"];
        if (list is not null)
            reserved.Add(list);
        var binder = new OptionsBinder(_config.Root);
        var options = records.Count == 1 ? binder.Bind(selection.Section, records[0], reserved) : null;
        if (options is null)
            binder.CheckKeys(selection.Section, $"{selection.Path} ('{descriptor.Name}')", reserved);
        return binder.Problems.Count == 0 ? options : throw new ConfigurationException(binder.Problems);
    }

    /// <summary>A record class has a copy method that C# code cannot name.</summary>
    private static bool IsSealedRecord(Type type) => type.IsSealed && type.GetMethod("<Clone>$") is not null;
}
