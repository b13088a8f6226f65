#include "core/accuracy/sglang_figures.h"

namespace weighbridge {

namespace {

/// The pool per token does not depend on how much room there is, so any room will do: many logs don't tell theirs.
FigureOutcome pool_per_token(const MeasuredRun& run, const Estimate&)
{
    const auto gib_printed = run.record.number("kv_gib");
    const auto tokens = run.record.number("kv_tokens");
    if (!gib_printed || !tokens || *tokens <= 0)
        return FigureOutcome::not_recorded();
    Question question = run.question;
    question.accelerator.capacity = {std::int64_t{4096} << 30U};
    question.scenario.inference.total_memory_bytes.reset();
    const auto answer = estimate(question, Detail::figures);
    if (!answer)
        return FigureOutcome::without(answer.error().message);
    const double predicted = printed(**answer, "kv_gib") * bytes_per_gib / printed(**answer, "max_total_num_tokens");
    return {Comparison{*gib_printed * bytes_per_gib / *tokens, predicted, {}, {}, false, {}}, {}};
}

/// Loading is told as what the device lost.
FigureOutcome loaded_weights(const MeasuredRun& run, const Estimate& estimate)
{
    const auto value = run.record.number("weights_gib");
    if (!value)
        return FigureOutcome::not_recorded();
    const bool plain = run.record.text("dtype") == "bfloat16";
    return {Comparison{*value,
                       printed(estimate, "load_weight_gib"),
                       {},
                       {},
                       false,
                       plain ? "" : "quantized: the record does not tell which tensors are"},
            {}};
}

} // namespace

std::span<const AccuracyFigure> sglang_figures()
{
    static constexpr AccuracyFigure figures[] = {
        {"kv_bytes_per_token", "KV pool per token", "B", 0, {BarKind::relative, 0.003, 1, {}}, pool_per_token},
        {"weights", "Weights as loaded", "GiB", 2, {BarKind::relative, 0.02, 1, {}}, loaded_weights},
    };
    return figures;
}

} // namespace weighbridge
