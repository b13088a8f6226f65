#include "core/training/loss.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

// Three tensors of T·v at the peak of an eager loss: forward 16-bit logits, their upcast and its log-softmax; backward
// the log-softmax, its gradient and that of its input (torch nn/functional.py cross_entropy, autograd of log_softmax
// and nll_loss). A compiled loss keeps logits and writes their gradient, in 16 bits. The block of the 16-bit logits is
// free by then and too small for an fp32 tensor.
constexpr std::array<Loss, 10> loss_rows = {{
    {.id = "fp32_upcast",
     .kept = 12,
     .forward = 10,
     .compiled_kept = 4,
     .returned = 4,
     .left_over = 2,
     .source = "fp32 log-softmax, its gradient and the logits' gradient: 3 x 4 bytes per logit"},
    {.id = "fp32_shifted",
     .kept = 14,
     .forward = 14,
     .compiled_kept = 4,
     .returned = 4,
     .left_over = 2,
     .source = "transformers 4.45 to 4.48: 16-bit logits beside their fp32 upcast, its copy without the last token and "
               "the log-softmax"},
    {.id = "bf16",
     .kept = 6,
     .forward = 6,
     .compiled_kept = 4,
     .returned = 2,
     .source = "logits, log-softmax and gradient: 3 x 2 bytes per logit"},
    {.id = "chunked",
     .kept = 4,
     .forward = 4,
     .working = 8,
     .compiled_kept = 2,
     .compiled_working = 2,
     .chunked = true,
     .source =
         "torchtune CEWithChunkedOutputLoss: every chunk's log-softmax is kept, upcasts and gradients are a chunk's"},
    {.id = "chunked_nll",
     .working = 12,
     .compiled_working = 12,
     .chunked = true,
     .hidden = 2,
     .head_gradient = 4,
     .tile_tokens = 256,
     .source =
         "TRL 1.7 chunked_nll: chunks of 256 tokens, each checkpointed; the head's gradient and a chunk's part of "
         "it"},
    {.id = "fused_linear",
     .working = 2,
     .compiled_working = 2,
     .chunked = true,
     .hidden = 2,
     .head_gradient = 4,
     .source = "Liger fused_linear_cross_entropy, arXiv:2411.09009: logits of one chunk at a time, gradient in place; "
               "the head's gradient is made in the forward pass and copied while it is scaled"},
    {.id = "fused_head",
     .working = 2,
     .compiled_working = 2,
     .chunked = true,
     .hidden = 6,
     .head_gradient = 6,
     .tile_tokens = 4096,
     .tile_vocabulary = 32768,
     .source = "TRL 1.16 kernels/chunked_logprob.py: tiles of 4,096 tokens x 32,768 of the vocabulary; gradients of "
               "hidden states and head in fp32 and their casts"},
    {.id = "fused",
     .kept = 8,
     .forward = 8,
     .compiled_kept = 8,
     .source =
         "a fused cross entropy on whole logits: 16-bit logits, their copy and the fp32 upcast, gradient in place"},
    {.id = "divergence",
     .kept = 28,
     .forward = 28,
     .compiled_kept = 12,
     .source =
         "trl gkd_trainer.py generalized_jsd_loss in 16 bits: logits, scaled logits and log-softmax of both, their "
         "stack, mixture, both divergences, their shares and the sum"},
    {.id = "vocab_parallel",
     .kept = 6,
     .forward = 6,
     .compiled_kept = 6,
     .source = "Megatron core tensor_parallel/cross_entropy.py: 16-bit logits and the fp32 softmax, gradient in place"},
}};

} // namespace

std::span<const Loss> losses()
{
    return loss_rows;
}

const Loss* find_loss(std::string_view id)
{
    const auto* row =
        std::find_if(loss_rows.begin(), loss_rows.end(), [&](const Loss& known) { return known.id == id; });
    return row == loss_rows.end() ? nullptr : row;
}

} // namespace weighbridge
