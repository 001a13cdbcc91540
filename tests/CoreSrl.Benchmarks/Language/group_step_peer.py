"""One step of GRPO in PyTorch, on the model in a folder: a group of answers is drawn with a key-value cache, and learned from in one pass with the
divergence from the base. The decoder is written here in plain PyTorch, so that nothing but torch is needed. Asked on standard input: step, memory."""
import json
import os
import resource
import struct
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError as e:
    print(json.dumps({"error": str(e)}), flush=True)
    sys.exit(1)

GROUP, PROMPT, TOKENS, RANK, SCALE, KL, CLIP = 8, 32, 64, 16, 2.0, 0.04, 0.2
PROJECTIONS = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]


def resident():
    """The most memory so far, in MiB. What getrusage tells can be that of the process this one was started from."""
    try:
        with open("/proc/self/status") as status:
            return int(next(line for line in status if line.startswith("VmHWM:")).split()[1]) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(7)
before = resident()
config = json.load(open(os.path.join(folder, "config.json")))
LAYERS, HEADS, GROUPS = config["num_hidden_layers"], config["num_attention_heads"], config["num_key_value_heads"]
WIDTH = config["hidden_size"] // HEADS
EPSILON, THETA = config["rms_norm_eps"], config["rope_theta"]


def load(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        table = json.loads(file.read(length))
        start, weights = 8 + length, {}
        for name, entry in table.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            file.seek(start + begin)
            weights[name] = torch.frombuffer(bytearray(file.read(end - begin)), dtype=torch.bfloat16).view(entry["shape"])
        return weights


W = load(os.path.join(folder, "model.safetensors"))
LORA = {}
for layer in range(LAYERS):
    for projection in PROJECTIONS:
        name = f"model.layers.{layer}.{projection}"
        rows, columns = W[name + ".weight"].shape
        a = (torch.rand(RANK, columns) * 2 - 1) / columns ** 0.5
        LORA[name] = (a.requires_grad_(), torch.zeros(rows, RANK).requires_grad_())
parameters = [matrix for pair in LORA.values() for matrix in pair]
optimizer = torch.optim.AdamW(parameters, lr=1e-5, weight_decay=0)


def linear(x, name, adapted):
    y = F.linear(x, W[name + ".weight"], W.get(name + ".bias"))
    if adapted:
        a, b = LORA[name]
        y = y + (F.linear(F.linear(x.float(), a), b) * SCALE).to(y.dtype)
    return y


def norm(x, name):
    wide = x.float()
    return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + EPSILON)).to(x.dtype) * W[name]


def rotate(x, cosine, sine):
    half = x.shape[-1] // 2
    return x * cosine + torch.cat([-x[..., half:], x[..., :half]], -1) * sine


def attend(q, k, v, causal):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    scores = (q @ k.transpose(-1, -2)).float() / WIDTH ** 0.5
    if causal:
        scores = scores + torch.full(scores.shape[-2:], float("-inf")).triu(1)
    return scores.softmax(-1).to(v.dtype) @ v


def forward(tokens, first, cache, adapted, rows):
    """Logits of the last `rows` columns, float32."""
    batch, length = tokens.shape
    angles = torch.arange(first, first + length).float()[:, None] * (THETA ** (-torch.arange(0, WIDTH, 2).float() / WIDTH))
    cosine, sine = (torch.cat([f, f], -1).to(torch.bfloat16) for f in (angles.cos(), angles.sin()))
    x = W["model.embed_tokens.weight"][tokens]
    for layer in range(LAYERS):
        p = f"model.layers.{layer}."
        h = norm(x, p + "input_layernorm.weight")
        q, k, v = (linear(h, p + "self_attn." + n, adapted).view(batch, length, heads, WIDTH).transpose(1, 2)
                   for n, heads in (("q_proj", HEADS), ("k_proj", GROUPS), ("v_proj", GROUPS)))
        q, k = rotate(q, cosine, sine), rotate(k, cosine, sine)
        if cache is not None:
            if cache[layer] is not None:
                k, v = torch.cat([cache[layer][0], k], 2), torch.cat([cache[layer][1], v], 2)
            cache[layer] = (k, v)
        each = HEADS // GROUPS
        mixed = attend(q, k.repeat_interleave(each, 1), v.repeat_interleave(each, 1), length > 1)
        x = x + linear(mixed.transpose(1, 2).reshape(batch, length, HEADS * WIDTH), p + "self_attn.o_proj", adapted)
        h = norm(x, p + "post_attention_layernorm.weight")
        x = x + linear(F.silu(linear(h, p + "mlp.gate_proj", adapted)) * linear(h, p + "mlp.up_proj", adapted), p + "mlp.down_proj", adapted)
    return F.linear(norm(x[:, -rows:], "model.norm.weight"), W["model.embed_tokens.weight"]).float()


def sample(prompt):
    with torch.no_grad():
        cache, written, chosen = [None] * LAYERS, [], []
        tokens = prompt.expand(GROUP, -1)
        for step in range(TOKENS):
            logits = forward(tokens, 0 if step == 0 else PROMPT + step - 1, cache, True, 1)[:, 0].log_softmax(-1)
            tokens = torch.multinomial(logits.exp(), 1)
            written.append(tokens)
            chosen.append(logits.gather(1, tokens))
        return torch.cat(written, 1), torch.cat(chosen, 1)


def score(prompt, written, adapted):
    whole = torch.cat([prompt.expand(GROUP, -1), written[:, :-1]], 1)
    return forward(whole, 0, None, adapted, TOKENS).log_softmax(-1).gather(2, written.unsqueeze(2)).squeeze(2)


def learn(prompt, written, old):
    advantage = torch.tensor([1.0 if i % 2 == 0 else -1.0 for i in range(GROUP)]).unsqueeze(1)
    with torch.no_grad():
        reference = score(prompt, written, False)
    new = score(prompt, written, True)
    ratio = (new - old).exp()
    surrogate = torch.minimum(ratio * advantage, ratio.clamp(1 - CLIP, 1 + CLIP) * advantage)
    distance = reference - new
    loss = (-surrogate + KL * (distance.exp() - distance - 1)).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()


print(json.dumps({"version": torch.__version__}), flush=True)
prompt = torch.arange(33, 33 + PROMPT).unsqueeze(0)
for line in sys.stdin:
    if line.strip() == "memory":
        print(json.dumps({"mib": resident() - before}), flush=True)
        continue
    started = time.perf_counter()
    written, old = sample(prompt)
    sampled = time.perf_counter()
    learn(prompt, written, old)
    print(json.dumps({"sampling": sampled - started, "learning": time.perf_counter() - sampled}), flush=True)
