#!/usr/bin/env python3
"""Measures what one training step allocates on a GPU, on networks with random weights.

For a person with a GPU; no test runs it. Needs PyTorch and transformers, for LoRA peft, for 8-bit optimizers and 4-bit
bases bitsandbytes; downloads nothing.

    python3 tests/measure/training.py --list                    the configurations, one per line; needs no torch
    python3 tests/measure/training.py --dry-run                 the records without figures; needs no torch
    python3 tests/measure/training.py --output runs.jsonl       measures all, appending one record per line
    python3 tests/measure/training.py --only 'lora-*' --output runs.jsonl

Each configuration runs in a process of its own. Two steps are taken: optimizers make their states in the first, so the
figures are those of the second. A record says what was asked for (network, method, optimizer, data types, recomputation,
attention, batch, length) and, in bytes of torch's allocator: static_bytes (after the first step, gradients freed),
forward_end_bytes, backward_end_bytes, optimizer_step_peak_bytes, allocated_peak_bytes, reserved_peak_bytes; and
context_bytes (what the device holds outside the allocator), trainable_parameters, gpu, torch. A configuration that fails
gives a record with `error`.
"""
import dataclasses

import runs


@dataclasses.dataclass(frozen=True)
class Run:
    """One configuration. `weights` is the base's type, `autocast` that of the arithmetic where it differs."""
    network: str
    method: str = 'full'            # full, lora, qlora
    weights: str = 'bfloat16'       # float32 with autocast is mixed precision as the Trainer runs it
    autocast: str = ''              # bfloat16 or nothing
    optimizer: str = 'adamw'        # adamw, adamw_8bit, sgd, adafactor
    recompute: str = 'none'         # none, full
    attention: str = 'sdpa'         # sdpa, eager
    batch: int = 1
    tokens: int = 1024
    rank: int = 16
    targets: str = 'all-linear'     # all-linear, attention

    @property
    def name(self):
        parts = [self.method, self.network, self.weights + (f'+{self.autocast}' if self.autocast else ''), self.optimizer,
                 f'recompute_{self.recompute}', self.attention, f'b{self.batch}', f's{self.tokens}']
        if self.method != 'full':
            parts += [f'r{self.rank}', self.targets]
        return '-'.join(parts)


def configurations():
    chosen = []
    for network in ('dense-tied', 'dense-mha', 'moe', 'mla', 'sliding'):
        chosen += [Run(network, recompute=recompute) for recompute in ('none', 'full')]
    tied = 'dense-tied'
    chosen += [Run(tied, batch=batch, tokens=tokens, recompute=recompute)
             for batch, tokens, recompute in ((1, 2048, 'none'), (1, 4096, 'none'), (2, 1024, 'none'), (4, 1024, 'none'),
                                              (1, 4096, 'full'), (1, 16384, 'full'), (4, 4096, 'full'))]
    chosen += [Run(tied, optimizer=optimizer) for optimizer in ('adamw_8bit', 'sgd', 'adafactor')]
    chosen += [Run(tied, weights='float32', autocast='bfloat16', recompute=recompute) for recompute in ('none', 'full')]
    chosen += [Run(tied, weights='float32'), Run(tied, attention='eager'), Run(tied, attention='eager', tokens=2048)]
    for network in ('dense-gqa', 'dense-tied', 'moe'):
        chosen += [Run(network, method='lora', recompute=recompute) for recompute in ('none', 'full')]
        chosen += [Run(network, method='qlora', recompute='full')]
    gqa = 'dense-gqa'
    chosen += [Run(gqa, method='lora', rank=rank, targets=targets)
             for rank, targets in ((64, 'all-linear'), (16, 'attention'), (256, 'all-linear'))]
    chosen += [Run(gqa, method='lora', batch=batch, tokens=tokens, recompute='full')
             for batch, tokens in ((4, 1024), (1, 4096), (1, 8192))]
    chosen += [Run(gqa, method='qlora', batch=batch, tokens=tokens, recompute='full')
             for batch, tokens in ((4, 1024), (1, 4096), (1, 8192))]
    chosen += [Run(gqa, method='qlora', optimizer='adamw_8bit', recompute='full'), Run(gqa, method='qlora')]
    return chosen


def record_of(run):
    return {'id': f'measured-{run.name}', 'source': 'tests/measure/training.py', 'framework': 'pytorch', 'network': run.network,
            'method': run.method, 'weight_dtype': run.weights, 'autocast_dtype': run.autocast or None, 'optimizer': run.optimizer,
            'lora_rank': run.rank if run.method != 'full' else None,
            'lora_target_modules': run.targets if run.method != 'full' else None,
            'gradient_checkpointing': run.recompute, 'attention_kernel': run.attention,
            'micro_batch_size_per_gpu': run.batch, 'seq_len_tokens': run.tokens, 'num_gpus': 1,
            'measured_metric': 'torch.cuda.max_memory_allocated', 'measured_bytes_per_gpu': None}


def build(run):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    values = runs.network(run.network)
    config = AutoConfig.for_model(values.pop('model_type'), **values)
    dtype = getattr(torch, run.weights)
    torch.set_default_dtype(dtype)
    with torch.device('cpu' if run.method == 'qlora' else 'cuda'):
        model = AutoModelForCausalLM.from_config(config, attn_implementation=run.attention)
    torch.set_default_dtype(torch.float32)
    model = model.to(dtype)
    model.config.use_cache = False
    if run.method == 'qlora':
        model = in_four_bits(model, dtype)
    if run.recompute == 'full':
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={'use_reentrant': False})
    if run.method != 'full':
        model = with_adapters(model, run)
    return model.train()


def in_four_bits(model, dtype):
    """Linear layers but the head as bitsandbytes' NF4 with doubly quantized scales, then peft's preparation."""
    import bitsandbytes
    import torch
    from peft import prepare_model_for_kbit_training
    for path, module in list(model.named_modules()):
        if not isinstance(module, torch.nn.Linear) or path.endswith('lm_head'):
            continue
        linear = bitsandbytes.nn.Linear4bit(module.in_features, module.out_features, module.bias is not None,
                                            compute_dtype=dtype, compress_statistics=True, quant_type='nf4')
        linear.weight = bitsandbytes.nn.Params4bit(module.weight.data, requires_grad=False, compress_statistics=True,
                                                   quant_type='nf4')
        if module.bias is not None:
            linear.bias = module.bias
        parent, _, child = path.rpartition('.')
        setattr(model.get_submodule(parent), child, linear)
    model.is_loaded_in_4bit = True
    return prepare_model_for_kbit_training(model.to('cuda'), use_gradient_checkpointing=False)


def with_adapters(model, run):
    from peft import LoraConfig, get_peft_model
    targets = 'all-linear' if run.targets == 'all-linear' else ['q_proj', 'k_proj', 'v_proj', 'o_proj']
    if run.recompute == 'full':
        model.enable_input_require_grads()  # or nothing before the first adapter asks for a gradient
    return get_peft_model(model, LoraConfig(r=run.rank, lora_alpha=2 * run.rank, lora_dropout=0.0, target_modules=targets,
                                            task_type='CAUSAL_LM'))


def optimizer_of(run, parameters):
    import torch
    if run.optimizer == 'adamw':
        return torch.optim.AdamW(parameters, lr=1e-5)
    if run.optimizer == 'sgd':
        return torch.optim.SGD(parameters, lr=1e-5)
    if run.optimizer == 'adafactor':
        return torch.optim.Adafactor(parameters, lr=1e-5)
    import bitsandbytes
    return bitsandbytes.optim.AdamW8bit(parameters, lr=1e-5)


def measure(run):
    import contextlib
    import torch
    import transformers
    record = record_of(run)
    torch.cuda.init()
    torch.zeros(1, device='cuda')
    free, total = torch.cuda.mem_get_info()
    record['context_bytes'] = total - free - torch.cuda.memory_reserved()  # alone on the device, or this is too much
    model = build(run)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = optimizer_of(run, parameters)
    ids = torch.randint(10, 1000, (run.batch, run.tokens), device='cuda')
    mask = torch.ones_like(ids)
    torch.cuda.empty_cache()
    record['loaded_bytes'] = torch.cuda.memory_allocated()

    def step(note):
        cast = torch.autocast('cuda', getattr(torch, run.autocast)) if run.autocast else contextlib.nullcontext()
        with cast:
            loss = model(input_ids=ids, attention_mask=mask, labels=ids).loss
        torch.cuda.synchronize()
        note('forward_end_bytes', torch.cuda.memory_allocated())
        loss.backward()
        del loss
        torch.cuda.synchronize()
        note('backward_end_bytes', torch.cuda.memory_allocated())
        note('forward_backward_peak_bytes', torch.cuda.max_memory_allocated())
        torch.cuda.reset_peak_memory_stats()
        optimizer.step()
        torch.cuda.synchronize()
        note('optimizer_step_peak_bytes', torch.cuda.max_memory_allocated())
        optimizer.zero_grad(set_to_none=True)
        note('static_bytes', torch.cuda.memory_allocated())

    step(lambda key, value: None)
    torch.cuda.reset_peak_memory_stats()
    step(record.__setitem__)
    record['allocated_peak_bytes'] = max(record['forward_backward_peak_bytes'], record['optimizer_step_peak_bytes'])
    record['reserved_peak_bytes'] = torch.cuda.memory_reserved()
    record['measured_bytes_per_gpu'] = record['allocated_peak_bytes']
    record['trainable_parameters'] = sum(parameter.numel() for parameter in parameters)
    record['engine_version'] = f'transformers {transformers.__version__} (torch {torch.__version__.split("+")[0]})'
    record['torch'] = torch.__version__
    record['gpu'] = torch.cuda.get_device_name()
    return record


if __name__ == '__main__':
    runs.command_line(__file__, __doc__, {run.name: run for run in configurations()}, record_of, measure,
                      'allocated_peak_bytes')
