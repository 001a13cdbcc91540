using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Amazon.S3.Model;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>The SDK's client, but that uploads are signed by their Content-MD5, which the signature covers and the server checks.</summary>
/// <remarks>By itself the SDK computes a SHA-256 besides, over plain HTTP, reading the stream once more; the server has to do the same.</remarks>
internal sealed class SigningByDigest(AmazonS3Config config) : AmazonS3Client(config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.AddHandlerBefore<Signer>(new UnsignedPayload());
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
