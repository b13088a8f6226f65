#include "ui/views/page.h"

#include "ui/export/table_picture.h"

#include <QEvent>

namespace weighbridge {

using namespace Qt::StringLiterals;

Page::Page(QWidget* parent) : QScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setFocusPolicy(Qt::NoFocus);
    viewport()->setAutoFillBackground(false); // it lies on the window's own surface
}

void Page::dress()
{
    dressed_ = true;
    arrange();
    style();
}

void Page::changeEvent(QEvent* event)
{
    QScrollArea::changeEvent(event);
    if (dressed_ && (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange)) {
        style();
        arrange();
    }
}

void Page::resizeEvent(QResizeEvent* event)
{
    QScrollArea::resizeEvent(event);
    if (dressed_)
        arrange();
}

void Page::want(const QString& ending)
{
    if (const auto wanted = file(ending))
        Q_EMIT exportWanted(*wanted);
}

std::optional<WantedFile> Page::file(const QString&) const
{
    return std::nullopt;
}

std::optional<WantedFile> tablesFile(const QString& ending, const EstimatePointer& estimate, const QString& name,
                                     const QString& title, const std::vector<Table>& tables)
{
    if (!estimate || tables.empty())
        return std::nullopt;
    if (ending == "png"_L1)
        return WantedFile{Page::tr("PNG image (*.png)"), name % u".png"_s,
                          [estimate, title, tables] { return tablesPng(*estimate, title, tables); }};
    if (ending == "csv"_L1)
        return WantedFile{Page::tr("CSV tables (*.csv)"), name % u".csv"_s,
                          [tables] { return Result<QByteArray>(tablesCsv(tables)); }};
    return std::nullopt;
}

} // namespace weighbridge
