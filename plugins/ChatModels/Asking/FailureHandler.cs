using System.Text;

namespace CoreSrl.Plugins.ChatModels.Asking;

/// <summary>Turns a server's failures into <see cref="ServerException"/>, the same for every client, before the client sees them: its own
/// exceptions can hold what was sent.</summary>
/// <param name="failure">Reads failures.</param>
internal sealed class FailureHandler(Failure failure) : DelegatingHandler
{
    private const int LongestBody = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw failure.Of(e);
        }

        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw failure.Of(answer, await BodyAsync(answer, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<string> BodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                var bytes = new byte[LongestBody];
                return Encoding.UTF8.GetString(bytes, 0, await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ""; // The status says enough.
        }
    }
}
