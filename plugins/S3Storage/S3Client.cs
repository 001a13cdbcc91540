using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Amazon.S3.Internal;
using Amazon.S3.Model;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>The SDK's client, but that uploads are signed by their Content-MD5, which the signature covers and the server checks, and that
/// an ETag is a name and nothing else.</summary>
/// <remarks>By itself the SDK computes a SHA-256 besides, over plain HTTP, reading the stream once more; the server has to do the same. And
/// it takes an ETag for the MD5 of what it reads, which on some servers, and of some encrypted objects, it is not.</remarks>
internal sealed class S3Client(AmazonS3Config config) : AmazonS3Client(config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.AddHandlerBefore<Signer>(new UnsignedPayload());
        pipeline.RemoveHandler<AmazonS3ResponseHandler>();
    }

    private sealed class UnsignedPayload : PipelineHandler
    {
        public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            var request = executionContext.RequestContext.Request;
            if (request.OriginalRequest is PutObjectRequest { MD5Digest: not null } or UploadPartRequest { MD5Digest: not null })
                request.PrecomputedContentSha256 = "UNSIGNED-PAYLOAD";
            return base.InvokeAsync<T>(executionContext);
        }
    }
}
