#pragma once

#include "core/quantity/result.h"

#include <QWidget>

#include <cstdint>
#include <vector>

class QLabel;

namespace weighbridge {

class FieldNote;
class LineEdit;

/// A list of counts to type: "2000, 8k, 128k". What can't be read is said in words below it, and the list stays as it
/// was.
class CountsField : public QWidget
{
    Q_OBJECT

public:
    /// `most` bounds each of them; `counts` are those to begin with.
    CountsField(const QString& label, std::int64_t most, const std::vector<std::int64_t>& counts,
                QWidget* parent = nullptr);

    const std::vector<std::int64_t>& counts() const { return counts_; }
    /// Whether the text is a list; counts() are of the last one that was.
    bool isValid() const { return valid_; }

Q_SIGNALS:
    void changed();
    void validityChanged();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void arrange();
    void read(const QString& text);

    QLabel* label_;
    LineEdit* edit_;
    FieldNote* note_;
    std::int64_t most_;
    std::vector<std::int64_t> counts_;
    bool valid_ = true;
    int below_ = -1; ///< rows that the editor stands below its label; -1: not laid out yet
};

} // namespace weighbridge
