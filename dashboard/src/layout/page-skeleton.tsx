import { Skeleton } from '@mantine/core';

/** While the code of a view is on its way. */
export function PageSkeleton() {
  return (
    <div aria-hidden="true">
      <Skeleton height={26} width={180} mb={20} />
      <Skeleton height={88} mb={16} />
      <Skeleton height={360} />
    </div>
  );
}
