#include "core/precision/model_format.h"

#include "core/precision/exl_rules.h"
#include "core/precision/gguf_mix.h"
#include "core/precision/mlx_rules.h"

namespace weighbridge {

namespace {

NumberFormat as_published(NumberFormat format, const Model& model)
{
    if (!model.published) {
        const auto plain = find_format(model.architecture.torch_dtype, FormatUse::weights);
        return plain && plain->takes_all_tensors ? *plain : *find_format("bf16", FormatUse::weights);
    }
    const PublishedWeights& published = *model.published;
    format.label = published.label;
    format.compute = published.compute;
    format.experts_only = published.mxfp4_experts; // what engines ask the format "mxfp4_experts"
    format.column = published.stored ? published.stored->rows : published.rule;
    return format;
}

} // namespace

NumberFormat for_model(NumberFormat format, const Model& model)
{
    if (!format.by_tensor)
        return format;
    if (format.id == checkpoint_format)
        return as_published(std::move(format), model);
    std::string_view name = format.id;
    name.remove_prefix(name.find(':') + 1);
    if (format.id.starts_with("mlx:")) {
        format.column =
            std::make_shared<const WeightColumn>(mlx_column(*find_mlx_mix(name), model.architecture, model.tensors));
        return format;
    }
    if (format.id.starts_with("exl")) {
        format.column = std::make_shared<const WeightColumn>(
            exl_column(*find_exl_mix(name, format.id.starts_with("exl3")), model.tensors));
        return format;
    }
    const std::size_t imatrix = name.find('+');
    if (const GgufMixName* mix = find_gguf_mix(name.substr(0, imatrix)))
        format.column = std::make_shared<const WeightColumn>(
            gguf_column(*mix, imatrix != std::string_view::npos, model.architecture, model.tensors));
    return format;
}

} // namespace weighbridge
