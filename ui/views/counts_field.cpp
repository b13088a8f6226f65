#include "ui/views/counts_field.h"

#include "core/fields/number_text.h"
#include "ui/form/field_note.h"
#include "ui/form/line_edit.h"
#include "ui/theme/text.h"

#include <QGridLayout>
#include <QLabel>

namespace weighbridge {

using namespace Qt::StringLiterals;

CountsField::CountsField(const QString& label, std::int64_t most, const std::vector<std::int64_t>& counts,
                         QWidget* parent)
    : QWidget(parent), label_(new QLabel(label, this)), edit_(new LineEdit(this)), note_(new FieldNote(this)),
      most_(most), counts_(counts)
{
    QStringList texts;
    for (const std::int64_t count : counts)
        texts << QString::number(count);
    edit_->showText(texts.join(u", "_s));
    edit_->setToolTip(tr("Any number of them with commas between: 2000, 8k, 128k"));
    edit_->setObjectName(u"edit"_s);
    label_->setBuddy(edit_);
    label_->setContentsMargins(0, 0, fontMetrics().averageCharWidth() / 2, 0); // glyphs end in fractions of a pixel
    note_->hide();
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->addWidget(label_, 0, 0);
    grid->addWidget(edit_, 0, 1);
    grid->addWidget(note_, 1, 1);
    grid->setColumnStretch(1, 1);
    connect(edit_, &LineEdit::edited, this, &CountsField::read);
}

void CountsField::read(const QString& text)
{
    Result<std::vector<std::int64_t>> counts = std::vector<std::int64_t>();
    if (!text.trimmed().isEmpty())
        counts = parse_counts(text.toStdString(), label_->text().remove(u'&').toStdString(), most_);
    note_->setVisible(!counts);
    if (!counts) {
        note_->say(Severity::error, coreText(counts.error().message) % u'.');
        return;
    }
    if (counts_ == *counts)
        return;
    counts_ = std::move(*counts);
    Q_EMIT changed();
}

} // namespace weighbridge
