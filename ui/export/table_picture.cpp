#include "ui/export/table_picture.h"

#include "core/report/summary.h"
#include "core/report/table_writers.h"
#include "ui/export/chart_picture.h"
#include "ui/export/picture_layout.h"
#include "ui/theme/text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

constexpr qreal leastTableWidth = 760;
constexpr qreal columnGap = 22;
constexpr qreal rowHeight = 1.7; ///< in heights of the font

/// One table: how wide its columns are, and how it is painted.
class TablePainter
{
public:
    TablePainter(const Table& table, const Typography& type) : table_(table), type_(type)
    {
        const QFontMetricsF strong(type.strongNumber);
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!table.columns[i].is_shown())
                continue;
            qreal width = QFontMetricsF(type.small).horizontalAdvance(coreText(table.columns[i].heading));
            for (const Row& row : table.rows)
                width = std::max(width, strong.horizontalAdvance(utf8(row.cells[i].text)));
            columns_.push_back({i, std::ceil(width)});
        }
        line_ = QFontMetricsF(type.body).height() * rowHeight;
    }

    qreal width() const
    {
        qreal sum = -columnGap;
        for (const Placed& column : columns_)
            sum += column.width + columnGap;
        return sum;
    }

    qreal height() const { return line_ * static_cast<qreal>(table_.rows.size() + 1); }

    void paint(QPainter& painter, const Theme& theme, qreal left, qreal top, qreal width) const
    {
        painter.setPen(theme.mutedText);
        painter.setFont(type_.small);
        writeLine(painter, left, top, [&](std::size_t i) { return coreText(table_.columns[i].heading); });
        for (const Row& row : table_.rows) {
            painter.fillRect(QRectF(left, top + line_, width, 1), theme.border);
            top += line_;
            const bool strong = row.emphasis == Emphasis::strong || row.emphasis == Emphasis::sum;
            painter.setPen(row.emphasis == Emphasis::quiet ? theme.mutedText : theme.text);
            painter.setFont(strong ? type_.strongNumber : type_.number);
            writeLine(painter, left, top, [&](std::size_t i) { return utf8(row.cells[i].text); });
        }
    }

private:
    struct Placed
    {
        std::size_t column = 0;
        qreal width = 0;
    };

    template<class TextOf>
    void writeLine(QPainter& painter, qreal left, qreal top, const TextOf& textOf) const
    {
        for (const Placed& placed : columns_) {
            const bool number = table_.columns[placed.column].kind == ColumnKind::number;
            painter.drawText(QRectF(left, top, placed.width, line_),
                             static_cast<int>((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter),
                             textOf(placed.column));
            left += placed.width + columnGap;
        }
    }

    const Table& table_;
    const Typography& type_;
    std::vector<Placed> columns_;
    qreal line_ = 0;
};

} // namespace

QImage tablesImage(const Estimate& estimate, const QString& title, const std::vector<Table>& tables)
{
    const Typography type = pictureType();
    std::vector<TablePainter> painters;
    painters.reserve(tables.size());
    qreal width = leastTableWidth;
    qreal height = 0;
    for (const Table& table : tables) {
        painters.emplace_back(table, type);
        width = std::max(width, painters.back().width());
        height += painters.back().height() + chartPictureMargin;
    }
    const QString what = utf8(estimate.model->name) % u" · "_s % title;
    const ChartPicture picture =
        ChartPicture::headed(what, utf8(workload_line(estimate)), 3, width + 2 * chartPictureMargin);
    return picture.painted(picture.bottom + height + chartPictureMargin, [&](QPainter& painter) {
        qreal top = picture.bottom + chartPictureMargin / 2;
        for (const TablePainter& table : painters) {
            table.paint(painter, picture.theme, chartPictureMargin, top, width);
            top += table.height() + chartPictureMargin;
        }
    });
}

Result<QByteArray> tablesPng(const Estimate& estimate, const QString& title, const std::vector<Table>& tables)
{
    return pngBytes(tablesImage(estimate, title, tables));
}

QByteArray tablesCsv(const std::vector<Table>& tables)
{
    const std::string text = tables_csv(tables);
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace weighbridge
