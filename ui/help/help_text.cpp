#include "ui/help/help_window.h"

#include <QCoreApplication>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Help", text);
}

/// The note of the web form that this program mirrors, and where the two differ.
QString notes()
{
    return u"<h2>"_s + tr("Notes") + u"</h2><h3>"_s + tr("Of the web form") + u"</h3><p>"_s +
           tr("This estimator targets <b>Transformer-based LLMs</b> (decoder-only, with SwiGLU FFN and RMSNorm). It "
              "does not support "
              "SSM-based models (Mamba, RWKV, etc.), Gated Linear Networks, or Diffusion models. Additionally:") +
           u"</p><ul><li>"_s +
           tr("KV cache assumes the full max sequence length is allocated. With <b>paged attention</b> (e.g., vLLM, "
              "TGI), pages are "
              "allocated on-demand, so actual usage may be lower.") +
           u"</li><li>"_s +
           tr("Inference frameworks have their own memory overhead (CUDA context ~300–500 MB, framework buffers, etc.) "
              "which is not "
              "included here.") +
           u"</li></ul><h3>"_s + tr("Of this program") + u"</h3><ul><li>"_s +
           tr("Overhead is a term of its own here, 0.5 GiB unless you change it under Assumptions. Set it to 0 for the "
              "web form's total.") +
           u"</li><li>"_s +
           tr("Models are read from their config.json, family by family: latent attention, sliding windows, dense "
              "first layers, shared "
              "experts, biases and norms are counted as they are. A family that is not known is read as the one that "
              "it resembles most, with a warning.") +
           u"</li><li>"_s +
           tr("Capacity is what the driver reports where that is known: an H100 “80 GB” has 79.65 GiB.") +
           u"</li><li>"_s +
           tr("Whole numbers may be typed as 8k, 128k or 4*8192; precisions also as bits:3.5 or nominal:0.5.") +
           u"</li></ul>"_s;
}

QString references()
{
    return u"<h2>"_s + tr("References") + u"</h2><p>"_s +
           tr("Arithmetic Intensity (AI) = FLOPs / Bytes. If AI &lt; ops:byte ratio of the GPU, the operation is "
              "memory bound; "
              "otherwise compute bound.") +
           u"</p><ul>"
           "<li><a href=\"https://arxiv.org/abs/2411.06465\">Fujii et al., “Accelerating Large Language Model Training "
           "with 4D Parallelism "
           "and Memory Consumption Estimator” (arXiv:2411.06465)</a> — by the author of the web form</li>"
           "<li>Williams et al., “Roofline: An Insightful Visual Performance Model” (2009)</li>"
           "<li><a href=\"https://jax-ml.github.io/scaling-book/roofline/\">JAX Scaling Book — Rooflines</a></li>"
           "<li><a href=\"https://kipp.ly/transformer-inference-arithmetic/\">kipply — Transformer Inference Arithmetic</a></li></ul>"_s;
}

QString citation()
{
    return u"<h2>"_s + tr("Citation") + u"</h2><p>"_s + tr("The estimator behind the web form:") +
           u"</p><pre>@misc{fujii2024acceleratinglargelanguagemodel,\n"
           "      title={Accelerating Large Language Model Training with 4D Parallelism and Memory Consumption "
           "Estimator},\n"
           "      author={Kazuki Fujii and Kohei Watanabe and Rio Yokota},\n"
           "      year={2024},\n"
           "      eprint={2411.06465},\n"
           "      archivePrefix={arXiv},\n"
           "      primaryClass={cs.LG},\n"
           "      url={https://arxiv.org/abs/2411.06465},\n"
           "}</pre>"_s;
}

QString about()
{
    return u"<h2>Weighbridge</h2><p>"_s + tr("GPU memory of large language models, before anyone loads them.") +
           u"</p><p>"_s +
           tr("It works offline, sends nothing anywhere, and reaches the Hugging Face Hub only when you fetch a "
              "model.") +
           u"</p><p>"_s +
           tr("MIT licence. Built with Qt %1, linked dynamically under the LGPL, and with nlohmann/json.")
               .arg(QLatin1StringView(qVersion())) +
           u"</p>"_s;
}

} // namespace

QString helpText(HelpPage page)
{
    switch (page) {
    case HelpPage::notes:
        return notes();
    case HelpPage::references:
        return references();
    case HelpPage::citation:
        return citation();
    case HelpPage::about:
        return about();
    }
    return {};
}

} // namespace weighbridge
