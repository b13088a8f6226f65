#include "core/training/loss_bytes.h"

#include "core/training/network_code.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

LossBytes loss_bytes(const TrainingInputs& in)
{
    const Framework& framework = *in.framework;
    const Loss& loss = *in.loss;
    if (in.choice->cross_entropy_loss_fusion.value_or(false)) // Transformer Engine's kernel keeps the logits alone
        return {in.recipe.compute, in.recipe.compute, 0, 0,
                "transformer_engine triton cross_entropy: gradient in place"};
    if (framework.loss_kept >= 0 && loss.id == framework.loss) {
        const double wider = in.recipe.compute / 2; // rows are of 16-bit logits
        const double kept = wider * framework.loss_kept;
        return {kept, kept, wider * framework.loss_working, 0, framework.source};
    }
    if (loss.id == "vocab_parallel") {
        const double wider = in.recipe.compute / 2;
        return {wider * loss.kept, wider * loss.kept, 0, 0, loss.source};
    }
    if (in.compiled_loss)
        return {loss.compiled_kept, loss.compiled_kept, loss.compiled_working, 0, loss.source};
    const bool whole = !loss.chunked;
    if (whole && framework.parallel_loss > 0 && in.hardware->tensor_parallel > 1)
        return {framework.parallel_loss, framework.parallel_loss, 0, loss.left_over,
                "torch/distributed/tensor/parallel/loss.py"};
    if (whole && framework.keeps_output) { // a gradient takes the block of the shifted copy
        const double kept = loss.kept + loss.returned;
        return {kept, kept, 0, loss.left_over, loss.source};
    }
    // the division or the tanh of a soft cap is kept (modeling_gemma2.py)
    const double capped = whole && network_code(in.model->architecture.family).caps_logits ? in.recipe.compute : 0;
    constexpr double shifted_copy = 2;
    const double left = loss.left_over + (whole && framework.shifts_logits ? shifted_copy : 0);
    return {loss.kept + capped, loss.forward + capped, loss.working, left, loss.source};
}

double loss_chunks(const TrainingInputs& in, const Architecture& architecture)
{
    const Loss& loss = *in.loss;
    if (!loss.chunked)
        return 1;
    if (in.choice->loss_chunks)
        return static_cast<double>(*in.choice->loss_chunks);
    const auto tokens = in.logit_tokens;
    const auto vocabulary = static_cast<double>(architecture.vocab_size);
    if (loss.tile_tokens > 0) {
        const double wide =
            loss.tile_vocabulary > 0 ? vocabulary / std::min(vocabulary, static_cast<double>(loss.tile_vocabulary)) : 1;
        return std::max(1.0, tokens / static_cast<double>(loss.tile_tokens)) * wide;
    }
    if (in.framework->loss_chunk_tokens > 0)
        return std::max(1.0, tokens / static_cast<double>(in.framework->loss_chunk_tokens));
    if (loss.hidden > 0) // Liger: as many chunks as the vocabulary is wider than the hidden state
        return std::max(1.0, std::ceil(vocabulary / static_cast<double>(architecture.hidden_size)));
    return static_cast<double>(in.framework->loss_chunks);
}

} // namespace weighbridge
