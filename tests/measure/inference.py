#!/usr/bin/env python3
"""Measures what a call of transformers' generate() allocates on a GPU, on networks with random weights.

For a person with a GPU; no test runs it. Needs PyTorch and transformers, downloads nothing.

    python3 tests/measure/inference.py --list                    the configurations, one per line; needs no torch
    python3 tests/measure/inference.py --dry-run                 the records without figures; needs no torch
    python3 tests/measure/inference.py --output runs.jsonl       measures all, appending one record per line
    python3 tests/measure/inference.py --only 'moe-*' --output runs.jsonl

Each configuration runs in a process of its own, so that one that does not fit leaves nothing behind. A record has the
fields of resources/measured/transformers.jsonl and: allocated_peak_bytes and reserved_peak_bytes of torch's allocator,
weights_bytes (allocated before the first token), cache_bytes (the tensors of the cache after the last one), context_bytes
(what the device holds outside the allocator), gpu, torch. A configuration that fails gives a record with `error`.
"""

import runs

# network, data type, attention, batch, prompt tokens, new tokens
RUNS = [(network, dtype, attention, batch, tokens, 16)
        for network in ('dense-mha', 'dense-gqa', 'dense-tied', 'moe', 'mla', 'sliding', 'hybrid')
        for dtype, attention, batch, tokens in (
            ('bfloat16', 'sdpa', 1, 1024), ('bfloat16', 'sdpa', 1, 8192), ('bfloat16', 'sdpa', 8, 1024),
            ('bfloat16', 'eager', 1, 1024), ('float32', 'sdpa', 1, 1024))]
RUNS += [('dense-gqa', 'bfloat16', 'sdpa', 1, 32768, 16), ('dense-tied', 'bfloat16', 'sdpa', 8, 4096, 16),
         ('dense-tied', 'bfloat16', 'sdpa', 1, 32768, 16), ('sliding', 'bfloat16', 'sdpa', 1, 32768, 16),
         ('mla', 'bfloat16', 'sdpa', 1, 16384, 16), ('moe', 'bfloat16', 'sdpa', 1, 32768, 16),
         ('hybrid', 'bfloat16', 'sdpa', 1, 32768, 16), ('dense-mha', 'bfloat16', 'eager', 8, 1024, 16),
         ('dense-gqa', 'bfloat16', 'eager', 1, 4096, 16), ('dense-gqa', 'bfloat16', 'sdpa', 1, 1024, 512)]


def name_of(run):
    network, dtype, attention, batch, tokens, new = run
    return f'{network}-{dtype}-{attention}-b{batch}-s{tokens}-n{new}'


def record_of(run):
    network, dtype, attention, batch, tokens, new = run
    return {'id': f'measured-{name_of(run)}', 'source': 'tests/measure/inference.py', 'engine_version': '', 'model': network,
            'network': network, 'weights': {'bfloat16': 'bf16', 'float32': 'fp32'}[dtype],
            'kv_cache': {'bfloat16': 'bf16', 'float32': 'fp32'}[dtype], 'attn_implementation': attention, 'gpus': 1,
            'batch_size': batch, 'input_tokens': tokens, 'output_tokens': new, 'peak_gib': None}


def tensors_in(thing, seen):
    """All tensors that a cache object holds, each storage once."""
    import torch
    if isinstance(thing, torch.Tensor):
        seen[thing.untyped_storage().data_ptr()] = thing.untyped_storage().nbytes()
    elif isinstance(thing, dict):
        for value in thing.values():
            tensors_in(value, seen)
    elif isinstance(thing, (list, tuple)):
        for value in thing:
            tensors_in(value, seen)
    elif hasattr(thing, '__dict__') and type(thing).__module__.startswith('transformers'):
        tensors_in(vars(thing), seen)
    return seen


def build(config_values, dtype, attention):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    values = dict(config_values)
    config = AutoConfig.for_model(values.pop('model_type'), **values)
    torch.set_default_dtype(dtype)
    with torch.device('cuda'):
        model = AutoModelForCausalLM.from_config(config, attn_implementation=attention)
    torch.set_default_dtype(torch.float32)
    return model.to(dtype).eval()


def measure(run):
    import torch
    import transformers
    network, dtype, attention, batch, tokens, new = run
    record = record_of(run)
    torch.cuda.init()
    torch.zeros(1, device='cuda')
    free, total = torch.cuda.mem_get_info()
    record['context_bytes'] = total - free - torch.cuda.memory_reserved()  # alone on the device, or this is too much
    model = build(runs.network(network), getattr(torch, dtype), attention)
    torch.cuda.empty_cache()
    torch.cuda.synchronize()
    record['weights_bytes'] = torch.cuda.memory_allocated()
    prompt = torch.randint(10, 1000, (batch, tokens), device='cuda')
    torch.cuda.reset_peak_memory_stats()
    with torch.inference_mode():
        result = model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=new, min_new_tokens=new,
                                do_sample=False, use_cache=True, return_dict_in_generate=True, pad_token_id=0,
                                eos_token_id=None)
    torch.cuda.synchronize()
    record['allocated_peak_bytes'] = torch.cuda.max_memory_allocated()
    record['reserved_peak_bytes'] = torch.cuda.max_memory_reserved()
    record['cache_bytes'] = sum(tensors_in(result.past_key_values, {}).values())
    record['peak_gib'] = round(record['allocated_peak_bytes'] / 2**30, 4)
    record['engine_version'] = f'transformers {transformers.__version__} (torch {torch.__version__.split("+")[0]})'
    record['torch'] = torch.__version__
    record['gpu'] = torch.cuda.get_device_name()
    return record


if __name__ == '__main__':
    runs.command_line(__file__, __doc__, {name_of(run): run for run in RUNS}, record_of, measure, 'peak_gib')
