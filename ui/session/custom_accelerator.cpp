#include "ui/session/custom_accelerator.h"

#include "core/fields/fields.h"
#include "ui/session/text.h"

#include <QCoreApplication>

#include <cmath>
#include <optional>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr auto prefix = "hardware.custom."_L1;

struct Bounds
{
    double most;
    const char* unit;
    bool optional;
};

Bounds boundsOf(const QString& key)
{
    if (key.endsWith("memory"_L1))
        return {1e6, "GiB", false};
    if (key.endsWith("bandwidth"_L1))
        return {1e6, "GB/s", true};
    return {1e7, "TFLOP/s", true};
}

/// A figure above 0; 0 for an empty text where the figure may be unknown.
Result<double> readFigure(const QString& key, const QString& text)
{
    const Bounds bounds = boundsOf(key);
    if (text.trimmed().isEmpty() && bounds.optional)
        return 0.0;
    auto number = parse_real(fromQt(text));
    if (!number)
        return Error{fromQt(key), number.error().message};
    if (!(*number > 0) || *number > bounds.most)
        return Error{
            fromQt(key),
            fromQt(QCoreApplication::translate("CustomAccelerator", "%1 %2; it must be above 0 and at most %3")
                       .arg(text.trimmed(), QLatin1StringView(bounds.unit), QString::number(bounds.most, 'f', 0)))};
    return number;
}

QString figureText(double figure)
{
    return figure > 0 ? QString::number(figure, 'g', 10) : QString();
}

} // namespace

Accelerator customAccelerator(const Accelerator& like)
{
    Accelerator custom;
    custom.id = "custom";
    custom.name = fromQt(QCoreApplication::translate("CustomAccelerator", "Custom GPU"));
    custom.capacity = like.capacity.count > 0 ? like.capacity : Bytes{static_cast<std::int64_t>(80 * bytes_per_gib)};
    custom.bandwidth_gbs = like.bandwidth_gbs;
    custom.tflops = like.tflops;
    return custom;
}

bool isCustomAcceleratorKey(const QString& key)
{
    return key.startsWith(prefix);
}

Outcome setCustomAccelerator(Scenario& scenario, const QString& key, const QString& text)
{
    if (!scenario.hardware.custom)
        scenario.hardware.custom = customAccelerator({});
    Accelerator& custom = *scenario.hardware.custom;
    if (key.endsWith(".name"_L1)) {
        const QString name = text.simplified();
        if (name.isEmpty() || name.size() > 60)
            return Error{fromQt(key),
                         fromQt(QCoreApplication::translate("CustomAccelerator", "a name has 1 to 60 characters"))};
        custom.name = fromQt(name);
        return std::nullopt;
    }
    const auto figure = readFigure(key, text);
    if (!figure)
        return figure.error();
    if (key.endsWith(".memory"_L1))
        custom.capacity = {std::llround(*figure * bytes_per_gib)};
    else if (key.endsWith(".bandwidth"_L1))
        custom.bandwidth_gbs = *figure;
    else if (*figure > 0)
        custom.tflops.bf16 = custom.tflops.fp16 = *figure;
    else
        custom.tflops = {};
    return std::nullopt;
}

QString customAcceleratorText(const Scenario& scenario, const QString& key)
{
    if (!scenario.hardware.custom)
        return {};
    const Accelerator& custom = *scenario.hardware.custom;
    if (key.endsWith(".name"_L1))
        return toQt(custom.name);
    if (key.endsWith(".memory"_L1))
        return QString::number(gib(custom.capacity), 'g', 8);
    if (key.endsWith(".bandwidth"_L1))
        return figureText(custom.bandwidth_gbs);
    return figureText(custom.tflops.bf16.value_or(0));
}

} // namespace weighbridge
