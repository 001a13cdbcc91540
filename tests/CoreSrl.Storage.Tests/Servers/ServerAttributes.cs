namespace CoreSrl.Storage.Tests.Servers;

/// <summary>A test that needs the S3 server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class S3FactAttribute : FactAttribute
{
    public S3FactAttribute() => Skip = TestServer.S3.WhySkipped;
}

/// <summary>A test with data that needs the S3 server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class S3TheoryAttribute : TheoryAttribute
{
    public S3TheoryAttribute() => Skip = TestServer.S3.WhySkipped;
}

/// <summary>A test that needs the Azure server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AzureFactAttribute : FactAttribute
{
    public AzureFactAttribute() => Skip = TestServer.Azure.WhySkipped;
}

/// <summary>A test with data that needs the Azure server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AzureTheoryAttribute : TheoryAttribute
{
    public AzureTheoryAttribute() => Skip = TestServer.Azure.WhySkipped;
}
