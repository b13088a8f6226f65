#include "app/picture_file.h"

#include "ui/export/picture.h"

#include <QGuiApplication>
#include <QLoggingCategory>

#include <memory>

namespace weighbridge {

namespace {

PictureFormat format_of(const QString& path)
{
    if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive))
        return PictureFormat::svg;
    if (path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive))
        return PictureFormat::pdf;
    return PictureFormat::png;
}

} // namespace

Outcome write_picture_file(const Estimate& estimate, const std::string& path)
{
    static int count = 1;
    static char name[] = "weighbridge";
    static char* arguments[] = {name, nullptr};
    std::unique_ptr<QGuiApplication> application;
    if (QCoreApplication::instance() == nullptr) {
        qputenv("QT_QPA_PLATFORM", "offscreen"); // fonts and painting, but no display
        // Standard error is for our own line; Qt would remark on a missing XDG_RUNTIME_DIR there.
        QLoggingCategory::setFilterRules(QStringLiteral("*.warning=false"));
        application = std::make_unique<QGuiApplication>(count, arguments);
    }
    const QString file = QString::fromStdString(path);
    return exportPicture(estimate, ByteUnit::gib, format_of(file), file);
}

} // namespace weighbridge
